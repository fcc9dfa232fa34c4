// Command scratchtest is all there is in the image library/scratchtest: a root without shell, libc, users or files.
// It answers every request on :8080 with its arguments, user, host name and environment as JSON. Exit codes and
// delays can be asked for, so that tests see what a process in such an image does.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"
)

// Report is what the program knows about itself.
type Report struct {
	Args     []string `json:"args"`
	Env      []string `json:"env"`
	Hostname string   `json:"hostname"`
	UID      int      `json:"uid"`
	GID      int      `json:"gid"`
	PID      int      `json:"pid"`
	Dir      string   `json:"dir"`
}

func report() Report {
	name, _ := os.Hostname()
	dir, _ := os.Getwd()

	return Report{
		Args: os.Args, Env: os.Environ(), Hostname: name,
		UID: os.Getuid(), GID: os.Getgid(), PID: os.Getpid(), Dir: dir,
	}
}

func main() {
	address := flag.String("listen", ":8080", "address to serve on")
	check := flag.Bool("check", false, "ask the running server and exit 0 when it is well")
	exit := flag.Int("exit", -1, "exit with this code at once instead of serving")
	greet := flag.String("greet", "", "whom to greet on the first line of output")
	delay := flag.Duration("stop-delay", 0, "how long to take to stop after a signal")
	flag.Parse()

	switch {
	case *check:
		os.Exit(healthy("http://127.0.0.1" + *address))
	case *exit >= 0:
		fmt.Println("exiting with", *exit)
		os.Exit(*exit)
	}

	fmt.Printf("%s %s\n", os.Getenv("GREETING"), *greet)

	if err := serve(*address, *delay); err != nil {
		fmt.Fprintln(os.Stderr, "scratchtest:", err)
		os.Exit(1)
	}
}

// serve answers until SIGTERM or SIGINT, then takes delay to end.
func serve(address string, delay time.Duration) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()

	var ill atomic.Bool

	mux := http.NewServeMux()
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(report())
	})
	mux.HandleFunc("/health", func(w http.ResponseWriter, _ *http.Request) {
		if ill.Load() {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	// /sick makes the health test fail from now on, /well makes it pass again.
	mux.HandleFunc("/sick", func(http.ResponseWriter, *http.Request) { ill.Store(true) })
	mux.HandleFunc("/well", func(http.ResponseWriter, *http.Request) { ill.Store(false) })
	// /exit?code=N ends the program with that code.
	mux.HandleFunc("/exit", func(_ http.ResponseWriter, r *http.Request) {
		code, _ := strconv.Atoi(r.URL.Query().Get("code"))
		os.Exit(code)
	})

	server := &http.Server{Addr: address, Handler: mux}

	go func() {
		<-ctx.Done()
		fmt.Println("stopping")
		time.Sleep(delay)
		_ = server.Close()
	}()

	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}

	fmt.Println("stopped")

	return nil
}

func healthy(base string) int {
	response, err := http.Get(base + "/health")
	if err != nil || response.StatusCode != http.StatusOK {
		return 1
	}

	return 0
}
