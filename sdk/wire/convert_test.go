package wire

import (
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/resource"
)

// Values are made by reflection, so a field that is added to a type and forgotten here is found.
func generator[T any]() *rapid.Generator[T] {
	return rapid.MakeCustom[T](rapid.MakeConfig{
		Types: map[reflect.Type]*rapid.Generator[any]{
			reflect.TypeFor[resource.FieldChange](): rapid.Custom(func(t *rapid.T) any {
				f := resource.FieldChange{Path: rapid.String().Draw(t, "path"), Class: resource.ClassLive}
				if f.Sensitive = rapid.Bool().Draw(t, "sensitive"); !f.Sensitive {
					f.Before, f.After = rapid.String().Draw(t, "before"), rapid.String().Draw(t, "after")
				}
				return f
			}),
			reflect.TypeFor[sdk.WindowSize](): rapid.Custom(func(t *rapid.T) any {
				return sdk.WindowSize{Width: rapid.IntRange(0, 9999).Draw(t, "w"), Height: rapid.IntRange(0, 9999).Draw(t, "h")}
			}),
		},
		Kinds: map[reflect.Kind]*rapid.Generator[any]{
			reflect.Int: rapid.Map(rapid.Int32(), func(i int32) any { return int(i) }),
		},
	})
}

// roundTrip checks that values survive encoding, protobuf's own encoding, and decoding.
func roundTrip[T any, M any, P interface {
	*M
	proto.Message
}](name string, encode func(T) P, decode func(P) T) func(*testing.T) {
	return func(t *testing.T) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			values := generator[T]()
			rapid.Check(t, func(t *rapid.T) {
				want := values.Draw(t, "value")
				wired, err := proto.Marshal(encode(want))
				if err != nil {
					t.Fatal(err)
				}
				m := P(new(M))
				if err := proto.Unmarshal(wired, m); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(want, decode(m), cmpopts.EquateEmpty()); diff != "" {
					t.Fatalf("after a round trip (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// deref lets conversions of pointers be checked like those of values.
func deref[T any, P any](encode func(*T) P, decode func(P) *T) (func(T) P, func(P) T) {
	return func(v T) P { return encode(&v) }, func(m P) T { return *decode(m) }
}

func TestValuesSurviveTheWire(t *testing.T) {
	t.Parallel()
	roundTrip("ref", encodeRef, decodeRef)(t)
	roundTrip("declaration", encodeDeclaration, decodeDeclaration)(t)
	roundTrip("resolved", encodeResolved, decodeResolved)(t)
	roundTrip("diagnostic", encodeDiagnostic, decodeDiagnostic)(t)
	roundTrip("input", encodeInput, decodeInput)(t)
	roundTrip("state", encodeState, decodeState)(t)
	roundTrip("change", encodeChange, decodeChange)(t)
	roundTrip("options", encodeOptions, decodeOptions)(t)
	roundTrip("settings", encodeSettings, decodeSettings)(t)
	roundTrip("plan request", encodePlanRequest, decodePlanRequest)(t)
	roundTrip("run request", encodeRunRequest, decodeRunRequest)(t)
	roundTrip("call request", encodeCallRequest, decodeCallRequest)(t)
	roundTrip("session start", encodeSessionStart, decodeSessionStart)(t)
	description, describe := deref(encodeDescription, decodeDescription)
	roundTrip("description", description, describe)(t)
	resolution, resolve := deref(encodeResolution, decodeResolution)
	roundTrip("resolution", resolution, resolve)(t)
	plan, unplan := deref(encodePlanResult, decodePlanResult)
	roundTrip("plan result", plan, unplan)(t)
	result, unresult := deref(encodeRunResult, decodeRunResult)
	roundTrip("run result", result, unresult)(t)
	probe, unprobe := deref(encodeProbe, decodeProbe)
	roundTrip("probe", probe, unprobe)(t)
}

func TestSensitiveValuesNeverLeaveThePlugin(t *testing.T) {
	t.Parallel()
	sent := encodeField(resource.FieldChange{Path: "secret", Before: "old", After: "new", Sensitive: true})
	if sent.GetBefore() != "" || sent.GetAfter() != "" {
		t.Errorf("sent %q and %q", sent.GetBefore(), sent.GetAfter())
	}
}

func TestTextForPeopleIsMadeValid(t *testing.T) {
	t.Parallel()
	sent := encodeDiagnostic(resource.Diagnostic{Text: "caf\xe9"})
	if _, err := proto.Marshal(sent); err != nil {
		t.Errorf("a diagnostic in Latin 1 cannot be sent: %v", err)
	}
}
