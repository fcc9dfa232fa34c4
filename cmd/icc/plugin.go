package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/icc-project/icc/cmd/icc/view"
	"github.com/icc-project/icc/core/host"
	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/resource"
)

func pluginCommand() *cli.Command {
	return group("plugin", "Look at icc's plugins",
		command(&cli.Command{Name: "list", Aliases: []string{"ls"}, Usage: "List the plugins that were found", Flags: []cli.Flag{formatFlag()}, Action: pluginList}),
		command(&cli.Command{Name: "info", Usage: "Describe a plugin", ArgsUsage: "NAME", Flags: []cli.Flag{formatFlag()}, Action: pluginInfo}),
	)
}

// pluginRow is the stable form of a plugin in lists.
type pluginRow struct {
	Name    string   `json:"Name"`
	Version string   `json:"Version,omitempty"`
	Kinds   []string `json:"Kinds,omitempty"`
	Builder string   `json:"Builder,omitempty"`
	Path    string   `json:"Path"`
	SHA256  string   `json:"SHA256,omitempty"`
	Error   string   `json:"Error,omitempty"`
}

func pluginRowOf(i host.Info) pluginRow {
	row := pluginRow{Name: i.Name, Path: i.Path, SHA256: i.SHA256}
	if i.Err != nil {
		row.Error = i.Err.Error()
	}
	if d := i.Description; d != nil {
		row.Version = d.Version
		for _, k := range d.Kinds {
			row.Kinds = append(row.Kinds, string(k.Kind))
		}
		if d.Builder != nil {
			row.Builder = d.Builder.Tool
		}
	}
	return row
}

func pluginList(c *cli.Context) error {
	if err := noArguments(c); err != nil {
		return err
	}
	format, err := outputFormat(c)
	if err != nil {
		return err
	}
	h := newHost(c)
	defer h.Close()
	infos, err := h.Plugins(c.Context)
	if err != nil {
		return err
	}
	rows := make([]pluginRow, len(infos))
	for n, i := range infos {
		rows[n] = pluginRowOf(i)
	}
	if format == "json" {
		return printJSONLines(c.App.Writer, rows)
	}
	t := view.NewTable("NAME", "VERSION", "PROVIDES", "PATH", "STATUS")
	for _, row := range rows {
		status, provides := "ok", strings.Join(row.Kinds, ", ")
		if row.Error != "" {
			status = row.Error
		}
		if row.Builder != "" {
			provides = "builder (" + row.Builder + ")"
		}
		t.Row(row.Name, row.Version, provides, row.Path, status)
	}
	t.Print(c.App.Writer)
	if len(rows) == 0 {
		fmt.Fprintf(os.Stderr, "no plugins in %s\n", strings.Join(host.SearchPath(c.StringSlice("plugin-dir")), ", "))
	}
	return nil
}

func pluginInfo(c *cli.Context) error {
	format, err := outputFormat(c)
	if err != nil {
		return err
	}
	if c.Args().Len() != 1 {
		return &usageError{command: "plugin info", text: "plugin info needs the name of one plugin"}
	}
	h := newHost(c)
	defer h.Close()
	infos, err := h.Plugins(c.Context)
	if err != nil {
		return err
	}
	var names []string
	for _, i := range infos {
		names = append(names, i.Name)
		if i.Name != c.Args().First() {
			continue
		}
		if i.Err != nil {
			return i.Err
		}
		if format == "json" {
			return json.NewEncoder(c.App.Writer).Encode(i.Description)
		}
		printPluginInfo(c.App.Writer, i)
		return nil
	}
	return resource.ErrNoPlugin.WithText(fmt.Sprintf("there is no plugin %q", c.Args().First())).
		WithHint("found: " + strings.Join(names, ", "))
}

func printPluginInfo(w io.Writer, i host.Info) {
	d := i.Description
	fmt.Fprintf(w, "%s %s\n%s\n\npath    %s\nsha256  %s\n", d.Name, d.Version, d.Summary, i.Path, i.SHA256)
	for _, k := range d.Kinds {
		fmt.Fprintf(w, "\nkind %s (priority %d)\n  actions   %s\n", k.Kind, k.Priority, join(k.Actions))
		printVerbs(w, "sessions", k.Sessions)
		printVerbs(w, "calls", k.Calls)
		for i, line := range configFields(k.ConfigSchema) {
			title := ""
			if i == 0 {
				title = "config"
			}
			fmt.Fprintf(w, "  %-8s  %s\n", title, line)
		}
	}
	if d.Builder != nil {
		fmt.Fprintf(w, "\nbuilder driving %s\n", d.Builder.Tool)
	}
	fmt.Fprintf(w, "\nplugin protocol %d\n", sdk.Protocol)
}

func printVerbs(w io.Writer, name string, verbs []string) {
	if len(verbs) > 0 {
		fmt.Fprintf(w, "  %-8s  %s\n", name, strings.Join(verbs, " "))
	}
}

func join[T ~string](list []T) string {
	parts := make([]string, len(list))
	for i, e := range list {
		parts[i] = string(e)
	}
	return strings.Join(parts, " ")
}
