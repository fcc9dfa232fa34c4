//go:build incus

package e2e

import (
	"regexp"
	"strings"
	"testing"
	"time"
)

// client asks the service for a page, again and again until there is /tmp/stop, and looks its name up for each request,
// once: a look-up that fails is a request that fails. glibc gives up when it is refused, as the network's DNS server does
// for a tenth of a second when its records change.
//
// What an update promises is bounded, and a slow machine's client may come late: icc-init gives a question up after four
// seconds, and a replica is stopped half a second after its name leads elsewhere. A connection that nobody answers takes
// its time by itself: of that only the time until it is begun counts.
const client = `
use IO::Socket::INET; use POSIX (); use Socket;
sub now { (POSIX::times())[0] / POSIX::sysconf(POSIX::_SC_CLK_TCK()) }
$| = 1;
my ($n, $bad, $late, $last, %saw) = (0, 0, 0, "");
until (-e "/tmp/stop" && $n >= 100) {
	my $asked = now;
	my $ip = inet_aton("web");
	my $took = now() - $asked;
	$n++;
	my $s = defined $ip && IO::Socket::INET->new(PeerAddr => inet_ntoa($ip), PeerPort => 80, Timeout => 20);
	my $page = "";
	if ($s) { print $s "GET / HTTP/1.0\r\n\r\n"; $page = join "", <$s> }
	$took = now() - $asked if $s || $! == POSIX::ECONNREFUSED();
	if ($page =~ /200 OK.*page (\w+)/s) { print "the first\n" unless %saw; $saw{$1}++ }
	elsif ($took > (defined $ip ? 0.4 : 2.9)) { $late++ }
	else { $bad++; $last = (defined $ip ? inet_ntoa($ip) : "no address") . " $! after $took s" }
	select(undef, undef, undef, 0.01);
}
print "requests=$n late=$late failed=$bad $last saw ", join(" ", sort keys %saw), "\n";
`

// rollingProject has four replicas of a web server that shows a page of the given version, and a client.
func rollingProject(version, command, update string) string {
	return `
services:
  web:
    image: busybox:1
    init: true
    restart: always
    environment: {VERSION: "` + version + `"}
    command: ["sh", "-c", "mkdir -p /www; echo page $$VERSION > /www/index.html; ` + command + `"]
    stop_grace_period: 1s
    healthcheck: {test: wget -q -O /dev/null http://127.0.0.1/, interval: 1s, start_interval: 100ms, start_period: 60s, retries: 2}
    deploy:
      replicas: 4
      update_config: ` + update + `
      rollback_config: {parallelism: 4, monitor: 10ms}
  client:
    image: debian:13-slim
    command: sleep infinity
    stop_grace_period: 0s
`
}

const serving = "exec httpd -f -p 80 -h /www"

func TestRollingUpdates(t *testing.T) {
	t.Parallel()

	const update = "{parallelism: 2, order: start-first, monitor: 300ms, failure_action: rollback}"

	p := newProject(t, rollingProject("one", serving, update))
	p.ok("up", "-d", "--wait")

	load := p.start("exec", "-T", "client", "perl", "-e", client)
	load.prints("the first\n")
	p.write("compose.yaml", rollingProject("two", serving, update))

	plan := p.icc("plan")
	if !strings.Contains(plan.stdout, "4 to restart, 2 to stand in") {
		t.Errorf("the plan of a rolling update is %s", plan)
	}

	p.ok("up", "-d")
	p.ok("exec", "-T", "client", "touch", "/tmp/stop")

	said := load.wait(20 * time.Second)
	if !regexp.MustCompile(`requests=\d\d\d+ late=\d+ failed=0 +saw one two\n`).MatchString(said.stdout) {
		t.Errorf("during a rolling update the client has seen: %s", said)
	}

	p.wantPages("two")
	p.wantNothingToDo()

	t.Run("a bad command is taken back and says why", func(t *testing.T) {
		p.write("compose.yaml", rollingProject("three", "exit 3", "{parallelism: 2, monitor: 300ms, failure_action: rollback}"))

		r := p.icc("up", "-d")
		if r.code != 1 || !strings.Contains(r.stderr, "exit code 3") || !strings.Contains(r.stderr, "the update of web has failed and was taken back") {
			t.Errorf("a bad update: %s", r)
		}

		p.wantPages("two")
		p.write("compose.yaml", rollingProject("two", serving, update))
		p.wantNothingToDo()
	})

	t.Run("a bad image stops where it is, and a rollback undoes it", func(t *testing.T) {
		bad := strings.Replace(rollingProject("four", serving, "{parallelism: 1, monitor: 300ms}"), "image: busybox:1", "image: debian:13-slim", 1)
		p.write("compose.yaml", bad)

		r := p.icc("up", "-d")
		if r.code != 1 || !strings.Contains(r.stderr, "the update of web stopped there, with 1 of 4 replicas changed") {
			t.Errorf("an update to an image that has no web server: %s", r)
		}

		p.ok("rollback", "web")
		p.wantPages("two")

		if again := p.icc("rollback", "web"); again.code != 1 || !strings.Contains(again.stderr, "nothing to go back to") {
			t.Errorf("a second rollback: %s", again)
		}
	})
}

// wantPages waits until every replica shows the version, and the service's name leads to all four: the network's DNS
// server may just be starting with the last records.
func (p *project) wantPages(version string) {
	p.t.Helper()

	script := `for a in $(getent ahostsv4 web | cut -d " " -f 1 | sort -u); do perl -MIO::Socket::INET -e '
my $s = IO::Socket::INET->new(PeerAddr => $ARGV[0], PeerPort => 80, Timeout => 20) or die; print $s "GET / HTTP/1.0\r\n\r\n"; my @l = <$s>; print $l[-1]' $a; done`
	want := strings.Repeat("page "+version+"\n", 4)

	p.until(20*time.Second, "all replicas show version "+version, func() (string, bool) {
		r := p.icc("exec", "-T", "client", "sh", "-c", script)

		return r.String(), r.stdout == want
	})
}

// wantNothingToDo fails the test unless the server has what the compose file says.
func (p *project) wantNothingToDo() {
	p.t.Helper()

	if r := p.icc("plan"); r.code != 0 {
		p.t.Errorf("there is something left to do: %s", r)
	}
}
