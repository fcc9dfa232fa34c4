package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/docker/go-units"
	"github.com/urfave/cli/v2"

	"github.com/icc-project/icc/cmd/icc/view"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

func imagesPruneCommand() *cli.Command {
	return command(&cli.Command{
		Name:  "prune",
		Usage: "Remove the images that icc brought onto the server and no instance uses",
		Description: "Images of all Compose projects count, whether they were pulled or built. What an instance of any Incus project was\n" +
			"made from or can go back to stays, and so does every image that icc did not make. What was fetched or built within\n" +
			"the last hour and not used since stays, too: another icc may be about to. --all removes these.",
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "all", Aliases: []string{"a"}, Usage: "also what was fetched within the last hour and is not used yet"},
			&cli.BoolFlag{Name: "force", Aliases: []string{"f"}, Usage: "do not ask"},
			dryRunFlag(),
		},
		Action: imagesPrune,
	})
}

func imagesPrune(c *cli.Context) error {
	if err := noArguments(c); err != nil {
		return err
	}
	s, err := open(c, everyProject, []resource.Kind{resource.KindImage})
	if err != nil {
		return err
	}
	defer s.Close()
	list, err := callImages[[]kinds.CachedImage](c.Context, s, kinds.CallCache, kinds.CacheRequest{AllProjects: true})
	if err != nil {
		return err
	}
	unused := unusedImages(list, c.Bool("all"))
	if len(unused) == 0 || dryRun(c) {
		printImages(c.App.Writer, unused)
		fmt.Fprintf(c.App.Writer, "Reclaimable space: %s\n", sizeOf(unused))
		return nil
	}
	if !c.Bool("force") {
		printImages(c.App.Writer, unused)
		ok, err := confirm("images prune", fmt.Sprintf("Remove these %d images (%s)?", len(unused), sizeOf(unused)))
		if err != nil || !ok {
			return err
		}
	}
	req := kinds.PruneRequest{Fresh: c.Bool("all")}
	for _, img := range unused {
		req.Fingerprints = append(req.Fingerprints, img.Fingerprint)
	}
	gone, err := callImages[[]kinds.CachedImage](c.Context, s, kinds.CallPrune, req)
	if err != nil {
		return err
	}
	if c.Bool("force") {
		printImages(c.App.Writer, gone)
	}
	fmt.Fprintf(c.App.Writer, "Total reclaimed space: %s\n", sizeOf(gone))
	return nil
}

// unusedImages returns the images to remove; all means the fresh ones, too.
func unusedImages(list []kinds.CachedImage, all bool) []kinds.CachedImage {
	var out []kinds.CachedImage
	for _, img := range list {
		if !img.Foreign && len(img.Users) == 0 && (all || !img.Fresh) {
			out = append(out, img)
		}
	}
	return out
}

func printImages(w io.Writer, list []kinds.CachedImage) {
	if len(list) == 0 {
		return
	}
	t := view.NewTable("IMAGE", "FINGERPRINT", "SIZE", "CREATED")
	for _, img := range list {
		var names []string
		for _, n := range img.Names {
			names = append(names, n.Reference)
		}
		name := strings.Join(names, ", ")
		if name == "" {
			name = "<none>"
		}
		t.Row(name, shortID(img.Fingerprint), units.HumanSizeWithPrecision(float64(img.Size), 3), ago(img.CreatedAt))
	}
	t.Print(w)
}

func sizeOf(list []kinds.CachedImage) string {
	var total int64
	for _, img := range list {
		total += img.Size
	}
	return units.HumanSizeWithPrecision(float64(total), 3)
}

// confirm asks on the terminal for a command. Without one nobody can answer.
func confirm(command, question string) (bool, error) {
	fmt.Fprintf(os.Stderr, "%s [y/N] ", question)
	answer, err := bufio.NewReader(os.Stdin).ReadString('\n')
	if err != nil && answer == "" {
		fmt.Fprintln(os.Stderr)
		return false, &usageError{command: command, text: "nobody has answered", hint: "repeat it with --force"}
	}
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return true, nil
	}
	return false, nil
}
