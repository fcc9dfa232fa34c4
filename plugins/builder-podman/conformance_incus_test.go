//go:build incus

package main

import (
	"testing"

	"github.com/icc-project/icc/sdk"
	"github.com/icc-project/icc/sdk/conformance"
	"github.com/icc-project/icc/test/testbed"
)

func TestTheBuilderKeepsThePromisesOfTheProtocol(t *testing.T) {
	conformance.Builder(t, newBuilder(), conformance.BuildCase{
		New:     func() sdk.Builder { return newBuilder() },
		Request: request(t, map[string]string{"Dockerfile": "FROM busybox:1\nCOPY . /src\n", "a": "1"}),
		Broken:  request(t, map[string]string{"Dockerfile": "FROM busybox:1\nRUN echo promise && exit 7\n"}),
		Slow:    request(t, map[string]string{"Dockerfile": "FROM busybox:1\nRUN sleep 30\n"}),
		Watch: func(t testing.TB) func() {
			host := testbed.Env(t)
			host.LeavesNothing(t)
			return func() {}
		},
	})
}
