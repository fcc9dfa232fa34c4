package sdk_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/resource"
)

type question struct {
	Number int `json:"number"`
}

type answer struct {
	Double int `json:"double"`
}

func double(_ context.Context, q question) (answer, error) {
	if q.Number < 0 {
		return answer{}, resource.ErrUnsupported
	}
	return answer{2 * q.Number}, nil
}

func TestAnswer(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, request, want string
		err                 error
	}{
		{"decodes the request and encodes the answer", `{"number": 21}`, `{"double":42}`, nil},
		{"takes a call without a request for one with nothing in it", "", `{"double":0}`, nil},
		{"passes the function's error on", `{"number": -1}`, "", resource.ErrUnsupported},
		{"refuses what it cannot read", `{"number": "many"}`, "", resource.ErrInvalidFormat},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := sdk.Answer(t.Context(), sdk.CallRequest{Verb: "double", Request: []byte(test.request)}, double)
			if string(got) != test.want || !errors.Is(err, test.err) {
				t.Errorf("got %s and %v, want %s and %v", got, err, test.want, test.err)
			}
			if errors.Is(err, resource.ErrInvalidFormat) && !strings.Contains(err.Error(), `"double"`) {
				t.Errorf("%v does not name the verb", err)
			}
		})
	}
}

func TestMustEncodePanicsForWhatHasNoJSONForm(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("want a panic")
		}
	}()
	sdk.MustEncode(make(chan int))
}
