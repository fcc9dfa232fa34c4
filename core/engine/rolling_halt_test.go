package engine

import (
	"slices"
	"strings"
	"testing"

	"github.com/icc-project/icc/sdk/resource"
)

func TestReplicasThatHaltTogetherDoNotChangeOneAfterTheOther(t *testing.T) {
	t.Parallel()
	volume, db := ref(resource.KindStorageVolume, "data"), ref(resource.KindInstance, "db-1")
	for name, c := range map[string]struct {
		to      resource.Resolved
		edge    resource.Edge
		class   resource.Class // of web-2
		expects bool           // that they roll
	}{
		"all stand still while a volume moves":                {resolved(volume), edge(volume, resource.ConditionEnsured), resource.ClassRebuild, false},
		"one only restarts with the database":                 {resolved(db), resource.Edge{To: db, Condition: resource.ConditionStarted, Restart: true}, resource.ClassNone, false},
		"all change anyway, after the database has restarted": {resolved(db), resource.Edge{To: db, Condition: resource.ConditionStarted, Restart: true}, resource.ClassRebuild, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, m, o, r := replicas(2, 0)
			all := append(slices.Clone(m.Resolved), c.to)
			for i := range all {
				if slices.Contains(r.Replicas, all[i].Ref) {
					all[i].DependsOn = append(slices.Clone(all[i].DependsOn), c.edge)
				}
			}
			m = NewModel(all)
			web2 := r.Replicas[1]
			o.Changes[web2] = resource.Change{Ref: web2, Class: c.class}
			o.Changes[c.to.Ref] = resource.Change{Ref: c.to.Ref, Class: resource.ClassRestart}
			o.States[c.to.Ref] = resource.State{Ref: c.to.Ref, Exists: true, Declared: true, Status: resource.StatusAvailable}
			if c.to.Kind == resource.KindInstance {
				o.States[db] = resource.State{Ref: db, Exists: true, Declared: true, Status: resource.StatusRunning}
			}
			did, err := f.roll(t, m, o, r)
			if err != nil {
				t.Fatal(err)
			}
			if rolls := slices.ContainsFunc(did, func(s string) bool { return strings.HasPrefix(s, "in ") }); rolls != c.expects {
				t.Errorf("they roll: %v, with %q", rolls, did)
			}
		})
	}
}
