package reconcile

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/icc-project/icc/sdk/initspec"
	"github.com/icc-project/icc/sdk/resource"
)

// touched returns zero values with one thing changed in each, for every field down to the last.
func touched(t *testing.T, kind reflect.Type) []reflect.Value {
	t.Helper()
	v := reflect.New(kind).Elem()
	switch kind.Kind() {
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(3)
	case reflect.String:
		v.SetString("x")
	case reflect.Slice:
		v.Set(reflect.Append(v, touched(t, kind.Elem())[0]))
	case reflect.Pointer:
		var all []reflect.Value
		for _, to := range touched(t, kind.Elem()) {
			p := reflect.New(kind.Elem())
			p.Elem().Set(to)
			all = append(all, p)
		}
		return all
	case reflect.Struct:
		var all []reflect.Value
		for i := range kind.NumField() {
			for _, to := range touched(t, kind.Field(i).Type) {
				s := reflect.New(kind).Elem()
				s.Field(i).Set(to)
				all = append(all, s)
			}
		}
		return all
	default:
		t.Fatalf("there is no example of a %s", kind)
	}
	return []reflect.Value{v}
}

// ineffective tells the orders that change nothing by themselves.
func ineffective(s *initspec.Spec) bool {
	lone := s.Restart
	lone.Policy = ""
	return s.Restart.Policy == "" && lone != (initspec.Restart{}) // how often nothing is done does not matter
}

func TestEveryOrderHasAClassThatIccInitKeepsTo(t *testing.T) {
	t.Parallel()
	classes := map[string]resource.Class{"Env": resource.ClassRestart}
	for _, o := range orders() {
		if known, ok := classes[o.field]; ok && known != o.class {
			t.Errorf("%s is %s, and %s as well", o.field, known, o.class)
		}
		classes[o.field] = o.class
	}
	kind := reflect.TypeFor[initspec.Spec]()
	for i := range kind.NumField() {
		field := kind.Field(i)
		class, ok := classes[field.Name]
		if !ok {
			t.Errorf("the order %s has no class", field.Name)
		}
		for _, to := range touched(t, field.Type) {
			var have, want initspec.Spec
			reflect.ValueOf(&want).Elem().Field(i).Set(to)
			now, complete := have.Reload(want)
			if complete != (class == resource.ClassLive) {
				t.Errorf("%s is %s, and icc-init changes %+v while it runs: %v (%+v)", field.Name, class, to, complete, now)
			}
			changes := orderChanges(&want, &have)
			if len(changes) == 0 && !ineffective(&want) {
				t.Errorf("no plan sees that %s becomes %+v", field.Name, to)
			}
			if slices.ContainsFunc(changes, func(f resource.FieldChange) bool { return f.Class != class }) {
				t.Errorf("%s is %s, and a change is planned as %+v", field.Name, class, changes)
			}
		}
	}
}

func TestAnExplicitDefaultIsNoChange(t *testing.T) {
	t.Parallel()
	ten := 10 * time.Second
	changes := orderChanges(&initspec.Spec{Grace: &ten, Restart: initspec.Restart{Policy: "no"}}, &initspec.Spec{})
	if len(changes) != 0 {
		t.Errorf("got %+v", changes)
	}
}
