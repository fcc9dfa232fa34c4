package view

import (
	"context"
	"errors"
	"strings"

	"github.com/icc-project/icc/core/event"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/resource"
)

// words are what is said while an action runs and when it is done.
type words struct{ doing, done string }

// wordsFor returns the words for an event's action; changes of an ensure have words of their own.
func wordsFor(e event.Event) words {
	switch e.Action {
	case resource.ActionStart:
		return words{"Starting", "Started"}
	case resource.ActionStop:
		return words{"Stopping", "Stopped"}
	case resource.ActionDelete:
		return words{"Removing", "Removed"}
	case resource.ActionWait:
		return words{"Waiting", "Healthy"}
	case resource.ActionComplete:
		return words{"Waiting", "Completed"}
	case resource.ActionMonitor:
		return words{"Watching", "Steady"}
	case resource.ActionHold:
		return words{"Pausing", "Paused"}
	case resource.ActionReroute:
		return words{"Redirecting", "Redirected"}
	case resource.ActionRollback:
		return words{"Going back", "Back"}
	case kinds.ActionPush:
		return words{"Pushing", "Pushed"}
	case kinds.CallKill:
		return words{"Killing", "Killed"}
	case resource.ActionEnsure:
		return ensureWords(e)
	}
	return words{string(e.Action), "Done"}
}

func ensureWords(e event.Event) words {
	if e.Ref.Kind == resource.KindImage {
		return words{"Preparing", "Ready"}
	}
	switch e.Class {
	case resource.ClassCreate:
		return words{"Creating", "Created"}
	case resource.ClassLive, resource.ClassRestart:
		return words{"Updating", "Updated"}
	case resource.ClassRebuild:
		return words{"Rebuilding", "Rebuilt"}
	case resource.ClassRecreate:
		return words{"Recreating", "Recreated"}
	}
	return words{"Checking", "Checked"}
}

// subject names the resource as users know it: the kind in title case and the name on the server where there is one.
func subject(e event.Event) string {
	kind := map[resource.Kind]string{
		resource.KindStorageVolume: "Volume",
		resource.KindInstance:      "Instance",
	}[e.Ref.Kind]
	if kind == "" && e.Ref.Kind != "" {
		kind = strings.ToUpper(string(e.Ref.Kind[:1])) + string(e.Ref.Kind[1:])
	}
	name := e.IncusName
	if name == "" || e.Ref.Kind == resource.KindImage {
		name = e.Ref.Name
	}
	return kind + " " + name
}

// doneWord says how an action ended; one that found nothing to do says that.
func doneWord(e event.Event) string {
	switch {
	case e.Changed || e.Action == resource.ActionWait || e.Action == resource.ActionComplete ||
		e.Action == resource.ActionMonitor || e.Action == resource.ActionHold:
		return wordsFor(e).done
	case e.Action == resource.ActionDelete:
		return "Kept"
	}
	return "Unchanged"
}

// firstLine returns the first line of an error's text, for places with one line of room.
func firstLine(s string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	return line
}

// failure returns what is said of a failed action in one line; one that was cancelled did not fail.
func failure(err error) (word, detail string) {
	if errors.Is(err, context.Canceled) {
		return "Interrupted", ""
	}
	return "Error", firstLine(err.Error())
}
