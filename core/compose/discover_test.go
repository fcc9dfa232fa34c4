package compose

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/icc-project/icc/sdk/resource"
)

// imageOf is a compose file whose service web has an image named after it.
func imageOf(name string) string { return "services:\n  web:\n    image: " + name + "\n" }

func TestFilesAreFound(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		files []string
		// cwd is below the directory of the files.
		cwd    string
		change func(*LoadOptions)
		want   []string
	}{
		{name: "compose.yaml before all others", files: []string{"compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"},
			want: []string{"compose.yaml"}},
		{name: "compose.yml", files: []string{"compose.yml", "docker-compose.yml"}, want: []string{"compose.yml"}},
		{name: "docker-compose.yml before .yaml", files: []string{"docker-compose.yml", "docker-compose.yaml"}, want: []string{"docker-compose.yml"}},
		{name: "an override", files: []string{"compose.yaml", "compose.override.yaml"}, want: []string{"compose.yaml", "compose.override.yaml"}},
		{name: "an old override", files: []string{"docker-compose.yml", "docker-compose.override.yml"},
			want: []string{"docker-compose.yml", "docker-compose.override.yml"}},
		{name: "the overlay for Incus last", files: []string{"compose.yaml", "compose.override.yml", "compose.incus.yaml"},
			want: []string{"compose.yaml", "compose.override.yml", "compose.incus.yaml"}},
		{name: "an overlay named after the file", files: []string{"docker-compose.yml", "docker-compose.incus.yml", "compose.incus.yaml"},
			want: []string{"docker-compose.yml", "docker-compose.incus.yml"}},
		{name: "the general overlay", files: []string{"docker-compose.yml", "compose.incus.yml"},
			want: []string{"docker-compose.yml", "compose.incus.yml"}},
		{name: "in a parent directory", files: []string{"compose.yaml", "compose.incus.yaml"}, cwd: "a/b",
			want: []string{"compose.yaml", "compose.incus.yaml"}},
		{name: "the nearest directory", files: []string{"compose.yaml", "a/docker-compose.yml"}, cwd: "a/b", want: []string{"a/docker-compose.yml"}},
		{name: "no override or overlay with -f", files: []string{"compose.yaml", "compose.override.yaml", "compose.incus.yaml"},
			change: func(o *LoadOptions) { o.Files = []string{"compose.yaml"} }, want: []string{"compose.yaml"}},
		{name: "several -f in their order", files: []string{"b.yaml", "a.yaml"},
			change: func(o *LoadOptions) { o.Files = []string{"b.yaml", "a.yaml"} }, want: []string{"b.yaml", "a.yaml"}},
		{name: "COMPOSE_FILE", files: []string{"compose.yaml", "b.yaml", "a.yaml"},
			change: func(o *LoadOptions) { o.Environment = []string{"COMPOSE_FILE=b.yaml:a.yaml"} }, want: []string{"b.yaml", "a.yaml"}},
		{name: "COMPOSE_PATH_SEPARATOR", files: []string{"b.yaml", "a.yaml"},
			change: func(o *LoadOptions) {
				o.Environment = []string{"COMPOSE_FILE=b.yaml,a.yaml", "COMPOSE_PATH_SEPARATOR=,"}
			}, want: []string{"b.yaml", "a.yaml"}},
		{name: "-f before COMPOSE_FILE", files: []string{"b.yaml", "a.yaml"},
			change: func(o *LoadOptions) {
				o.Files, o.Environment = []string{"a.yaml"}, []string{"COMPOSE_FILE=b.yaml"}
			}, want: []string{"a.yaml"}},
		{name: "the project directory's", files: []string{"compose.yaml", "sub/compose.yaml"},
			change: func(o *LoadOptions) { o.ProjectDirectory = "sub" }, want: []string{"sub/compose.yaml"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			files := map[string]string{"a/b/.keep": ""}
			for _, f := range c.files {
				files[f] = imageOf(strings.ReplaceAll(filepath.Base(f), ".", "-"))
			}
			dir := project(t, files)
			p, err := loadOnly(filepath.Join(dir, c.cwd), func(o *LoadOptions) {
				if c.change != nil {
					c.change(o)
				}
			})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, f := range p.Files {
				rel, _ := filepath.Rel(dir, f)
				got = append(got, rel)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("files (-want +got):\n%s", diff)
			}
			last := strings.ReplaceAll(filepath.Base(c.want[len(c.want)-1]), ".", "-")
			if image := p.Services["web"].Image; image != last {
				t.Errorf("image %q is not the last file's, %q", image, last)
			}
		})
	}
}

func TestACOMPOSE_FILEInDotEnvCounts(t *testing.T) {
	t.Parallel()
	dir := project(t, map[string]string{".env": "COMPOSE_FILE=other.yaml", "other.yaml": imageOf("x"), "compose.yaml": imageOf("y")})
	p, err := loadOnly(dir)
	if err != nil || p.Services["web"].Image != "x" {
		t.Fatalf("got %v, %v", p, err)
	}
}

func TestStandardInputIsRead(t *testing.T) {
	t.Parallel()
	dir := project(t, map[string]string{"more.yaml": "services:\n  web:\n    user: me\n"})
	p, err := loadOnly(dir, func(o *LoadOptions) {
		o.Files, o.Stdin = []string{"-", "more.yaml"}, strings.NewReader(imageOf("x")+"    build: ./web\n")
	})
	if err != nil {
		t.Fatal(err)
	}
	s := p.Services["web"]
	if s.Image != "x" || s.User != "me" || s.Build.Context != filepath.Join(dir, "web") {
		t.Errorf("got %+v", s)
	}
	_, err = loadOnly(dir, func(o *LoadOptions) {
		o.Files, o.Stdin = []string{"-"}, strings.NewReader("services:\n  web:\n    imag: x\n")
	})
	wantError(t, dir, err, `standard input:3: services.web.imag: unknown attribute "imag"`, `did you mean "image"?`)
	_, err = loadOnly(dir, func(o *LoadOptions) { o.Files = []string{"-"} })
	wantError(t, dir, err, "the compose file is to come from the standard input, which is not connected",
		"pipe the file in, or name it with -f FILE")
}

func TestMissingFilesAreExplained(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name       string
		change     func(*LoadOptions)
		text, hint string
	}{
		{"no compose file", func(*LoadOptions) {},
			"no compose file in DIR or a directory above it (looked for compose.yaml, compose.yml, docker-compose.yml, docker-compose.yaml)",
			"change to the project's directory, or name the file with -f FILE"},
		{"a file of -f", func(o *LoadOptions) { o.Files = []string{"no.yaml"} },
			`compose file "no.yaml", given with -f, cannot be read: DIR/no.yaml: no such file or directory`,
			"check the name, or leave it out to use the compose.yaml of this directory"},
		{"a file of COMPOSE_FILE", func(o *LoadOptions) { o.Environment = []string{"COMPOSE_FILE=no.yaml"} },
			`compose file "no.yaml", named by COMPOSE_FILE, cannot be read: DIR/no.yaml: no such file or directory`,
			"check the name, or leave it out to use the compose.yaml of this directory"},
		{"a directory", func(o *LoadOptions) { o.Files = []string{"."} },
			`compose file ".", given with -f, is a directory`, "name the file in it, for example compose.yaml"},
		{"an environment file", func(o *LoadOptions) { o.EnvFiles = []string{"no.env"} },
			`environment file "no.env" cannot be read: DIR/no.env: no such file or directory`,
			"create it, or correct --env-file or COMPOSE_ENV_FILES"},
		{"a broken environment file", func(o *LoadOptions) { o.EnvFiles = []string{"bad.env"} },
			"DIR/bad.env is not a valid environment file: line 1: key cannot contain a space",
			"write one KEY=value a line, and quote values with spaces or quotes in them"},
		{"a bad switch", func(o *LoadOptions) { o.Environment = []string{"COMPOSE_DISABLE_ENV_FILE=perhaps"} },
			`COMPOSE_DISABLE_ENV_FILE is "perhaps"`, "set it to true or false"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := project(t, map[string]string{"bad.env": "a b=c\n"})
			_, err := loadOnly(dir, c.change)
			wantError(t, dir, err, c.text, c.hint)
		})
	}
}

func TestVariablesComeFromTheRightPlace(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		change func(*LoadOptions)
		want   string
	}{
		{"from .env", func(*LoadOptions) {}, "dotenv"},
		{"the environment before .env", func(o *LoadOptions) { o.Environment = []string{"V=shell"} }, "shell"},
		{"--env-file instead of .env", func(o *LoadOptions) { o.EnvFiles = []string{"one.env"} }, "one"},
		{"the last --env-file", func(o *LoadOptions) { o.EnvFiles = []string{"one.env", "two.env"} }, "two"},
		{"COMPOSE_ENV_FILES", func(o *LoadOptions) { o.Environment = []string{"COMPOSE_ENV_FILES=one.env,two.env"} }, "two"},
		{"--env-file before COMPOSE_ENV_FILES", func(o *LoadOptions) {
			o.EnvFiles, o.Environment = []string{"one.env"}, []string{"COMPOSE_ENV_FILES=two.env"}
		}, "one"},
		{"no .env", func(o *LoadOptions) { o.Environment = []string{"COMPOSE_DISABLE_ENV_FILE=1"} }, "default"},
		{"the project directory's .env", func(o *LoadOptions) {
			o.ProjectDirectory, o.Files = "sub", []string{"compose.yaml"}
		}, "sub"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := project(t, map[string]string{
				"compose.yaml": "services:\n  web:\n    image: x\n    user: ${V:-default}\n",
				".env":         "V=dotenv", "one.env": "V=one", "two.env": "V=two", "sub/.env": "V=sub",
			})
			p, err := loadOnly(dir, c.change)
			if err != nil {
				t.Fatal(err)
			}
			if got := p.Services["web"].User; got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestTheProjectIsNamed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, file string
		change     func(*LoadOptions)
		want       string
		err, hint  string
	}{
		{name: "after the directory", file: imageOf("x"), want: "my-app_1"},
		{name: "by the file", file: "name: fromfile\n" + imageOf("x"), want: "fromfile"},
		{name: "by a variable in the file", file: "name: ${N:-def}ault\n" + imageOf("x"), want: "default"},
		{name: "by the environment", file: "name: fromfile\n" + imageOf("x"),
			change: func(o *LoadOptions) { o.Environment = []string{"COMPOSE_PROJECT_NAME=fromenv"} }, want: "fromenv"},
		{name: "by -p", file: "name: fromfile\n" + imageOf("x"),
			change: func(o *LoadOptions) {
				o.ProjectName, o.Environment = "fromflag", []string{"COMPOSE_PROJECT_NAME=fromenv"}
			}, want: "fromflag"},
		{name: "after the project directory", file: imageOf("x"),
			change: func(o *LoadOptions) { o.ProjectDirectory, o.Files = "Sub.Dir", []string{"compose.yaml"} }, want: "subdir"},
		{name: "by a name with capitals, as in docker compose", file: "name: My App\n" + imageOf("x"), want: "myapp"},
		{name: "not by odd characters in -p", file: imageOf("x"), change: func(o *LoadOptions) { o.ProjectName = "My App" },
			err:  `project name "My App" (-p) may have lower-case letters, digits, hyphens and underscores only, and begins with a letter or digit`,
			hint: `use "myapp"`},
		{name: "not by odd characters alone", file: "name: ÄÖ\n" + imageOf("x"),
			err:  `project name "ÄÖ" (DIR/compose.yaml) may have lower-case letters, digits, hyphens and underscores only, and begins with a letter or digit`,
			hint: `choose a name such as "myapp"`},
		{name: "not by odd characters in the environment", file: imageOf("x"),
			change: func(o *LoadOptions) { o.Environment = []string{"COMPOSE_PROJECT_NAME=_x"} },
			err:    `project name "_x" (COMPOSE_PROJECT_NAME) may have lower-case letters, digits, hyphens and underscores only, and begins with a letter or digit`,
			hint:   `use "x"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(project(t, map[string]string{"My-App_1/compose.yaml": c.file}), "My-App_1")
			o := LoadOptions{WorkingDir: dir, Environment: []string{}}
			if c.change != nil {
				c.change(&o)
			}
			p, err := Load(context.Background(), o)
			name, nameErr := ProjectName(o)
			if c.err != "" {
				wantError(t, dir, err, c.err, c.hint)
				wantError(t, dir, nameErr, c.err, c.hint)
				return
			}
			if err != nil || nameErr != nil {
				t.Fatal(err, nameErr)
			}
			if p.Name != c.want || name != c.want {
				t.Errorf("Load says %q, ProjectName %q; want %q", p.Name, name, c.want)
			}
		})
	}
}

func TestTheProjectIsNamedWhenTheFileIsGone(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(project(t, map[string]string{"shop/x": ""}), "shop")
	for _, c := range []struct {
		o    LoadOptions
		want string
	}{
		{LoadOptions{ProjectName: "other", Files: []string{"gone.yaml"}}, "other"},
		{LoadOptions{Environment: []string{"COMPOSE_PROJECT_NAME=env"}}, "env"},
	} {
		c.o.WorkingDir = dir
		if c.o.Environment == nil {
			c.o.Environment = []string{}
		}
		if got, err := ProjectName(c.o); err != nil || got != c.want {
			t.Errorf("ProjectName(%+v) = %q, %v; want %q", c.o, got, err, c.want)
		}
	}
}

func TestADirectoryWithoutAComposeFileIsNobodysProject(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(project(t, map[string]string{"shop/x": ""}), "shop")
	_, err := ProjectName(LoadOptions{WorkingDir: dir, Environment: []string{}})
	if err == nil || !strings.Contains(err.Error(), "no compose file in "+dir) {
		t.Errorf("want an error that says there is no compose file, got %v", err)
	}
}

func TestAFileThatCannotBeParsedMayHaveAnotherNameThanItsDirectory(t *testing.T) {
	t.Parallel()
	for _, content := range []string{"name: shop\nservices: {web: [}\n", "name: [shop]\n", "- a\n", "name: ${NAME:?no}\n", "services: {}\n---\na: [\n"} {
		o := LoadOptions{WorkingDir: project(t, map[string]string{"compose.yaml": content}), Environment: []string{}}
		if name, err := ProjectName(o); err == nil || name != "" || resource.Hint(err) == "" {
			t.Errorf("%q gives the name %q, %v", content, name, err)
		}
		o.ProjectName = "shop"
		if name, err := ProjectName(o); err != nil || name != "shop" {
			t.Errorf("with -p: %q, %v", name, err)
		}
	}
}

func TestADirectoryWithoutLettersNamesNothing(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(project(t, map[string]string{"___/compose.yaml": imageOf("x")}), "___")
	_, err := loadOnly(dir)
	wantError(t, dir, err, "the name of directory DIR has no letters or digits to name the project after",
		"name the project with -p NAME or the compose file's top-level name")
}

func TestSeveralFilesSideBySideAreWarnedOf(t *testing.T) {
	t.Parallel()
	dir := project(t, map[string]string{"compose.yaml": imageOf("x"), "docker-compose.yml": imageOf("y")})
	p, err := loadOnly(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Warnings) != 1 || !strings.Contains(p.Warnings[0].Text, "several compose files lie side by side") {
		t.Errorf("warnings: %v", p.Warnings)
	}
}

func TestACancelledLoadStops(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Load(ctx, LoadOptions{WorkingDir: t.TempDir()}); err == nil || resource.AsError(err).Code == "config" {
		t.Errorf("got %v", err)
	}
}
