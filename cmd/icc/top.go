package main

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/urfave/cli/v2"
	"golang.org/x/sync/errgroup"

	"github.com/icc-project/icc/cmd/icc/view"
	"github.com/icc-project/icc/sdk/initspec"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

func topCommand() *cli.Command {
	return command(&cli.Command{
		Name:      "top",
		Usage:     "List the processes of the running instances",
		ArgsUsage: "[SERVICE...]",
		Flags:     []cli.Flag{formatFlag()},
		Action:    top,
	})
}

// topRow is the JSON form of an instance's processes; each process is under ps' titles.
type topRow struct {
	Name      string              `json:"Name"`
	Service   string              `json:"Service"`
	Processes []map[string]string `json:"Processes"`
}

func top(c *cli.Context) error {
	format, err := outputFormat(c)
	if err != nil {
		return err
	}
	s, err := open(c, namedProject(c), []resource.Kind{resource.KindInstance})
	if err != nil {
		return err
	}
	defer s.Close()
	list, err := s.servicesInstances(c.Args().Slice())
	if err != nil {
		return err
	}
	list = running(list)
	tables, err := s.processes(c.Context, list)
	if err != nil {
		return err
	}
	for n, i := range list {
		if format == "json" {
			err = json.NewEncoder(c.App.Writer).Encode(topRowOf(i, tables[n]))
		} else {
			printProcesses(c.App.Writer, i, tables[n])
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// processes asks all instances at once.
func (s *session) processes(ctx ctx, list []instance) ([]initspec.Processes, error) {
	out := make([]initspec.Processes, len(list))
	g, gctx := errgroup.WithContext(ctx)
	for n, i := range list {
		g.Go(func() error {
			answer, err := s.engine.Call(gctx, i.State, kinds.CallTop, nil)
			if err != nil {
				return err
			}
			if err := json.Unmarshal(answer, &out[n]); err != nil {
				return fmt.Errorf("reading the processes of %s: %w", i.name(), err)
			}
			return nil
		})
	}
	return out, g.Wait()
}

func printProcesses(w io.Writer, i instance, p initspec.Processes) {
	fmt.Fprintln(w, i.name())
	t := view.NewTable(p.Titles...)
	for _, row := range p.Processes {
		t.Row(row...)
	}
	t.Print(w)
	fmt.Fprintln(w)
}

func topRowOf(i instance, p initspec.Processes) topRow {
	row := topRow{Name: i.name(), Service: i.Service, Processes: []map[string]string{}}
	for _, cells := range p.Processes {
		process := make(map[string]string, len(cells))
		for n, title := range p.Titles {
			if n < len(cells) {
				process[title] = cells[n]
			}
		}
		row.Processes = append(row.Processes, process)
	}
	return row
}
