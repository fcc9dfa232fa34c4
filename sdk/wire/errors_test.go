package wire

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	pb "github.com/icc-project/icc/sdk/proto/icc/plugin/v1"
	"github.com/icc-project/icc/sdk/resource"
)

// cross sends an error through a status, as a call would.
func cross(t testing.TB, err error) error {
	t.Helper()
	st, ok := status.FromError(toStatus(err))
	if !ok {
		t.Fatalf("toStatus(%v) is no status", err)
	}
	wired, merr := proto.Marshal(st.Proto())
	if merr != nil {
		t.Fatal(merr)
	}
	p := st.Proto()
	proto.Reset(p)
	if merr := proto.Unmarshal(wired, p); merr != nil {
		t.Fatal(merr)
	}
	return fromStatus(context.Background(), status.FromProto(p).Err())
}

func TestErrorsKeepTheirMeaning(t *testing.T) {
	t.Parallel()
	full := resource.ErrCreate.WithAction(resource.ActionEnsure).WithKindName("network", "front").
		WithText("creating it failed").WithHint("try again").Wrap(resource.ErrConflict.Wrap(errors.New("taken")))
	tests := []struct {
		name  string
		err   error
		is    []error
		isNot []error
	}{
		{"a sentinel", resource.ErrNotFound, []error{resource.ErrNotFound}, []error{resource.ErrCreate}},
		{"a full error", full, []error{resource.ErrCreate, resource.ErrConflict}, []error{resource.ErrNotFound}},
		{"a wrapped one", fmt.Errorf("creating network %q: %w", "front", full), []error{resource.ErrCreate, resource.ErrConflict}, nil},
		{"a plain one", errors.New("plain"), nil, []error{resource.ErrUnknown}},
		{"a joined one", errors.Join(resource.ErrTimeout, fmt.Errorf("undoing: %w", resource.ErrPermission)),
			[]error{resource.ErrTimeout, resource.ErrPermission}, nil},
		{"one with two verbs", fmt.Errorf("%w while %w", resource.ErrBuild, context.Canceled),
			[]error{resource.ErrBuild, context.Canceled}, nil},
		{"a cancellation", context.Canceled, []error{context.Canceled}, []error{context.DeadlineExceeded}},
		{"a wrapped deadline", resource.ErrTimeout.Wrap(fmt.Errorf("waiting: %w", context.DeadlineExceeded)),
			[]error{resource.ErrTimeout, context.DeadlineExceeded}, []error{context.Canceled}},
		{"a deadline by another name", fmt.Errorf("dialling: %w", &net.DNSError{Err: "slow", IsTimeout: true, UnwrapErr: context.DeadlineExceeded}),
			[]error{context.DeadlineExceeded}, nil},
		{"a code of a later version", &resource.Error{Code: "from-the-future", Text: "new"}, nil, []error{resource.ErrUnknown}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := cross(t, tt.err)
			if got.Error() != tt.err.Error() {
				t.Errorf("text %q became %q", tt.err, got)
			}
			if resource.Hint(got) != resource.Hint(tt.err) {
				t.Errorf("hint %q became %q", resource.Hint(tt.err), resource.Hint(got))
			}
			for _, target := range tt.is {
				if !errors.Is(got, target) {
					t.Errorf("%v is not %v any more", got, target)
				}
			}
			for _, target := range tt.isNot {
				if errors.Is(got, target) {
					t.Errorf("%v has become %v", got, target)
				}
			}
			if diff := cmp.Diff(resource.AsError(tt.err).Code, resource.AsError(got).Code); diff != "" {
				t.Errorf("code (-want +got):\n%s", diff)
			}
		})
	}
}

func TestEverySentinelCrosses(t *testing.T) {
	t.Parallel()
	for code, sentinel := range resource.Sentinels() {
		if got := cross(t, fmt.Errorf("doing: %w", sentinel)); !errors.Is(got, sentinel) {
			t.Errorf("%s came out as %v", code, got)
		}
	}
}

// Chains of any shape keep their text and their sentinels.
func TestErrorChainsProperty(t *testing.T) {
	t.Parallel()
	var sentinels []error
	for _, s := range resource.Sentinels() {
		sentinels = append(sentinels, s)
	}
	rapid.Check(t, func(rt *rapid.T) {
		inside := []error{rapid.SampledFrom(sentinels).Draw(rt, "root")}
		err := inside[0]
		for range rapid.IntRange(0, 8).Draw(rt, "depth") {
			other := rapid.SampledFrom(append(sentinels, context.Canceled, io.EOF)).Draw(rt, "other")
			switch rapid.IntRange(0, 2).Draw(rt, "how") {
			case 0:
				err = fmt.Errorf("%s: %w", rapid.String().Draw(rt, "text"), err)
			case 1:
				err = errors.Join(other, err)
				inside = append(inside, other)
			case 2:
				err = resource.ErrOperation.WithText(rapid.String().Draw(rt, "text")).Wrap(err)
				inside = append(inside, resource.ErrOperation)
			}
		}
		got := cross(t, err)
		if got.Error() != err.Error() {
			rt.Fatalf("%q became %q", err, got)
		}
		for _, target := range inside {
			if target != io.EOF && !errors.Is(got, target) {
				rt.Fatalf("%v is not %v any more", got, target)
			}
		}
	})
}

func TestEndlessErrorsAreShortened(t *testing.T) {
	t.Parallel()
	err := errors.New("start " + strings.Repeat("x", 1<<20) + " end")
	for range 2 * maxDepth {
		err = fmt.Errorf("again: %w", err)
	}
	st := status.Convert(toStatus(err))
	if size := proto.Size(st.Proto()); size > 2*maxErrorBytes {
		t.Errorf("the status has %d bytes", size)
	}
	got := cross(t, err).Error()
	if !strings.HasPrefix(got, "again: ") || !strings.HasSuffix(got, " end") {
		t.Errorf("beginning or end is lost: %.40q … %q", got, got[len(got)-40:])
	}
}

func TestErrorsFromBrokenPlugins(t *testing.T) {
	t.Parallel()
	endless := &pb.Error{Text: "deep"}
	for range 5000 {
		endless = &pb.Error{Text: "deep", Cause: endless}
	}
	if err := decodeError(endless); err == nil || err.Error() != "deep" {
		t.Errorf("an endless chain became %v", err)
	}
	if err := toStatus((*resource.Error)(nil)); err == nil {
		t.Error("a nil *Error in an error was taken for success")
	}
}

func TestStatusesWithoutDetails(t *testing.T) {
	t.Parallel()
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	tests := []struct {
		name string
		ctx  context.Context
		code codes.Code
		is   error
		lost bool
	}{
		{"the caller gave up", cancelled, codes.Canceled, context.Canceled, false},
		{"the plugin hung up", context.Background(), codes.Unavailable, resource.ErrPlugin, true},
		{"the plugin's server was stopped", context.Background(), codes.Canceled, resource.ErrPlugin, true},
		{"the deadline passed", context.Background(), codes.DeadlineExceeded, context.DeadlineExceeded, false},
		{"the plugin is older", context.Background(), codes.Unimplemented, resource.ErrUnsupportedAction, false},
		{"the message is too large", context.Background(), codes.ResourceExhausted, resource.ErrPlugin, false},
		{"anything else", context.Background(), codes.Internal, resource.ErrPlugin, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := fromStatus(tt.ctx, status.Error(tt.code, "grpc says"))
			if !errors.Is(err, tt.is) || Lost(err) != tt.lost {
				t.Errorf("got %v (lost: %v), want %v (lost: %v)", err, Lost(err), tt.is, tt.lost)
			}
		})
	}
	if fromStatus(context.Background(), nil) != nil {
		t.Error("success became an error")
	}
}
