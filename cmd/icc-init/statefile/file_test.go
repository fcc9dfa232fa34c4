package statefile_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/icc-project/icc/cmd/icc-init/statefile"
	"github.com/icc-project/icc/sdk/initspec"
)

func TestAChangeIsOnDiskWhenThoseWhoWaitAreTold(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), initspec.StateFile)
	f := statefile.New(path, initspec.State{Phase: initspec.PhaseStarting}, func(err error) { t.Error(err) })
	if got := read(t, path); got.Phase != initspec.PhaseStarting || got.Version != initspec.Version {
		t.Errorf("before the first change the file says %+v", got)
	}
	changed := f.Changed()
	go f.Update(func(s *initspec.State) { s.Phase, s.PID = initspec.PhaseRunning, 7 })
	<-changed
	if got := read(t, path); got.PID != 7 || f.State().PID != 7 {
		t.Errorf("the file says %+v, the state is %+v", got, f.State())
	}
	select {
	case <-f.Changed():
		t.Error("a new channel must wait for the next change")
	default:
	}
}

func TestAVolumeThatIsGoneIsSaidOnceAndEndsNothing(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "gone")
	warnings := 0
	f := statefile.New(filepath.Join(dir, "state.json"), initspec.State{}, func(error) { warnings++ })
	f.Update(func(s *initspec.State) { s.ExitCode = 3 })
	if warnings != 1 || f.State().ExitCode != 3 {
		t.Errorf("%d warnings, state %+v", warnings, f.State())
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	f.Update(func(s *initspec.State) { s.ExitCode = 4 })
	if got := read(t, filepath.Join(dir, "state.json")); got.ExitCode != 4 {
		t.Errorf("when the volume is back the file says %+v", got)
	}
}

func TestOnAFullVolumeTheOldStatesRoomIsUsed(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "state.json")
	f := statefile.New(path, initspec.State{Phase: initspec.PhaseRunning, Error: "a long text that was there before, to be covered"}, func(err error) { t.Error(err) })
	if err := os.MkdirAll(path+".new/full", 0o700); err != nil { // no second file can be made
		t.Fatal(err)
	}
	f.Update(func(s *initspec.State) {
		s.Phase, s.ExitCode, s.Error = initspec.PhaseExited, 9, ""
		s.Health = &initspec.HealthState{Status: initspec.HealthHealthy, Log: []initspec.HealthResult{{Output: "much"}}}
	})
	got := read(t, path)
	if got.Phase != initspec.PhaseExited || got.ExitCode != 9 || got.Error != "" || got.Health.Status != initspec.HealthHealthy || got.Health.Log != nil {
		t.Errorf("the file says %+v", got)
	}
	if f.State().Health.Log == nil {
		t.Error("the state itself must keep all")
	}
}

func read(t *testing.T, path string) initspec.State {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var s initspec.State
	if err := json.Unmarshal(data, &s); err != nil {
		t.Fatal(err)
	}
	return s
}
