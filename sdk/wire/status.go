package wire

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	pb "github.com/icc-project/icc/sdk/proto/icc/plugin/v1"
	"github.com/icc-project/icc/sdk/resource"
)

// MaxMessageBytes bounds one message in each direction. What is bigger goes by path.
const MaxMessageBytes = 64 << 20

// toStatus returns err in the form in which a gRPC handler has to return it.
func toStatus(err error) error {
	if err == nil {
		return nil
	}
	if e, ok := err.(*resource.Error); ok && e == nil {
		err = resource.ErrNilPointer.WithText("the plugin returned a nil *resource.Error as an error")
	}
	code := codes.Unknown
	switch {
	case errors.Is(err, context.Canceled):
		code = codes.Canceled
	case errors.Is(err, context.DeadlineExceeded):
		code = codes.DeadlineExceeded
	}
	// The message is for people who look at the wire; the detail is what counts.
	line, _, _ := strings.Cut(err.Error(), "\n")
	st := status.New(code, legible(line[:min(len(line), 512)]))
	if detailed, derr := st.WithDetails(encodeError(err)); derr == nil {
		st = detailed
	}
	return st.Err()
}

// fromStatus returns the error that the other side's implementation returned, or what went wrong on the way.
func fromStatus(ctx context.Context, err error) error {
	st, ok := status.FromError(err)
	if err == nil || !ok {
		return err
	}
	for _, d := range st.Details() {
		if e, ok := d.(*pb.Error); ok {
			return decodeError(e)
		}
	}
	if ctx.Err() != nil && (st.Code() == codes.Canceled || st.Code() == codes.DeadlineExceeded) {
		return ctx.Err()
	}
	switch st.Code() {
	case codes.DeadlineExceeded:
		return context.DeadlineExceeded
	case codes.Unimplemented:
		return resource.ErrUnsupportedAction.WithText("the plugin does not know this request").Wrap(err)
	case codes.ResourceExhausted:
		return resource.ErrPlugin.WithText(fmt.Sprintf("a message is larger than %d MiB", MaxMessageBytes>>20)).Wrap(err)
	case codes.Unavailable, codes.Canceled:
		return resource.ErrPlugin.Wrap(&lostError{cause: err})
	}
	return resource.ErrPlugin.Wrap(err)
}

// lostError says that the connection ended in the middle of a call.
type lostError struct{ cause error }

func (e *lostError) Error() string {
	return "the connection to the plugin was lost: " + status.Convert(e.cause).Message()
}

func (e *lostError) Unwrap() error { return e.cause }

// Lost reports whether err says that the connection to the plugin ended in the middle of a call, which is what the
// end of its process looks like from here.
func Lost(err error) bool {
	var lost *lostError
	return errors.As(err, &lost)
}
