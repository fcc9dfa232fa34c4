package rules

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// maxMethods is how large an interface may be.
const maxMethods = 5

// exceptions are offences that have a reason; the test fails for those that are no longer committed.
func exceptions() map[string]bool {
	return map[string]bool{
		// It guards state of the process that is not ours: logrus' standard logger, which compose-go writes to.
		"core/compose/warnings.go: loggerLock is package-level state": false,
	}
}

// place leaves a line number and advice out of an offence.
func place(offence string) string {
	file, rest, _ := strings.Cut(offence, ":")
	_, what, _ := strings.Cut(rest, ": ")
	what, _, _ = strings.Cut(what, ":")
	return file + ": " + what
}

func TestTheCodeKeepsTheHouseStyle(t *testing.T) {
	t.Parallel()
	allowed := exceptions()
	for _, p := range packages(t) {
		if strings.HasPrefix(p.path(), "sdk/proto/") {
			continue
		}
		files := map[string]string{} // source by path
		for _, name := range slices.Concat(p.GoFiles, p.TestGoFiles, p.XTestGoFiles) {
			path := filepath.Join(p.Dir, name)
			files[short(t, path)] = read(t, path)
		}
		found, err := offences(files)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range found {
			if _, ok := allowed[place(o)]; ok {
				allowed[place(o)] = true
				continue
			}
			t.Error(o)
		}
	}
	for offence, committed := range allowed {
		if !committed {
			t.Errorf("nobody needs the exception for %q any more", offence)
		}
	}
}

// offences returns what the files of one package do against the house style.
func offences(files map[string]string) ([]string, error) {
	set := token.NewFileSet()
	j := &judge{set: set, globals: map[string]token.Pos{}}
	var parsed []*ast.File
	for name, source := range files {
		f, err := parser.ParseFile(set, name, source, parser.ParseComments)
		if err != nil {
			return nil, err
		}
		parsed = append(parsed, f)
	}
	for _, f := range parsed {
		j.declarationsOf(f)
	}
	for _, f := range parsed {
		j.uses(f)
	}
	slices.Sort(j.found)
	return j.found, nil
}

// judge looks at the files of one package.
type judge struct {
	set     *token.FileSet
	globals map[string]token.Pos // package-level variables of the product
	found   []string
}

func (j *judge) refuse(pos token.Pos, format string, args ...any) {
	at := j.set.Position(pos)
	j.found = append(j.found, fmt.Sprintf("%s:%d: ", at.Filename, at.Line)+fmt.Sprintf(format, args...))
}

func (j *judge) isTest(n ast.Node) bool {
	return strings.HasSuffix(j.set.Position(n.Pos()).Filename, "_test.go")
}

// declarationsOf looks at what a file declares at package level.
func (j *judge) declarationsOf(f *ast.File) {
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Name.Name == "init" && d.Recv == nil {
				j.refuse(d.Pos(), "init() runs unasked: call it where it is needed")
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				if v, ok := spec.(*ast.ValueSpec); ok && d.Tok == token.VAR && !j.isTest(v) {
					j.variable(d, v)
				}
			}
		}
	}
}

// variable looks at a package-level variable. One that is set once and never again is a constant that Go has no word for.
func (j *judge) variable(d *ast.GenDecl, v *ast.ValueSpec) {
	embedded := d.Doc != nil && strings.Contains(d.Doc.List[len(d.Doc.List)-1].Text, "go:embed")
	for i, name := range v.Names {
		if name.Name == "_" {
			continue
		}
		j.globals[name.Name] = name.Pos()
		switch {
		case embedded:
		case i >= len(v.Values):
			j.refuse(name.Pos(), "%s is package-level state: make it a field of what uses it", name.Name)
		case holdsState(v.Type), holdsState(v.Values[i]):
			j.refuse(name.Pos(), "%s is package-level state: make it a field of what uses it", name.Name)
		}
	}
}

// holdsState says whether an expression is or makes something whose only use is to change.
func holdsState(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.CallExpr:
		f, ok := e.Fun.(*ast.Ident)
		return ok && (f.Name == "make" || f.Name == "new")
	case *ast.UnaryExpr:
		return e.Op == token.AND && holdsState(e.X)
	case *ast.CompositeLit:
		return holdsState(e.Type)
	case *ast.SelectorExpr:
		p, ok := e.X.(*ast.Ident)
		return ok && (p.Name == "sync" && !strings.HasPrefix(e.Sel.Name, "Once") || p.Name == "atomic")
	case *ast.IndexExpr:
		return holdsState(e.X)
	case *ast.ChanType:
		return true
	}
	return false
}

// uses looks at what a file does.
func (j *judge) uses(f *ast.File) {
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.InterfaceType:
			if count := methods(n); count > maxMethods {
				j.refuse(n.Pos(), "an interface of %d methods: split it, or make abilities optional", count)
			}
		case *ast.AssignStmt:
			if n.Tok != token.DEFINE {
				for _, left := range n.Lhs {
					j.write(left)
				}
			}
		case *ast.IncDecStmt:
			j.write(n.X)
		case *ast.CallExpr:
			if s, ok := n.Fun.(*ast.SelectorExpr); ok && j.isTest(n) && slices.Contains([]string{"Skip", "Skipf", "SkipNow"}, s.Sel.Name) {
				j.refuse(n.Pos(), "a test that is skipped is a test that nobody misses")
			}
		}
		return true
	})
}

// write notes an assignment to a package-level variable or to a part of one.
func (j *judge) write(left ast.Expr) {
	for {
		switch e := left.(type) {
		case *ast.IndexExpr:
			left = e.X
		case *ast.SelectorExpr:
			left = e.X
		case *ast.StarExpr:
			left = e.X
		case *ast.ParenExpr:
			left = e.X
		case *ast.Ident:
			// Objects are resolved within a file, so a name without one is a variable of another file of the package.
			_, global := j.globals[e.Name]
			if global && (e.Obj == nil || e.Obj.Pos() == j.globals[e.Name]) {
				j.refuse(e.Pos(), "%s is a package-level variable and is changed here", e.Name)
			}
			return
		default:
			return
		}
	}
}

// methods counts an interface's own methods.
func methods(i *ast.InterfaceType) int {
	count := 0
	for _, m := range i.Methods.List {
		count += len(m.Names)
	}
	return count
}

func TestTheStyleRulesCatchEachOffence(t *testing.T) {
	t.Parallel()
	const state = " is package-level state: make it a field of what uses it"
	for name, c := range map[string]struct {
		files map[string]string
		want  []string
	}{
		"init":                     {map[string]string{"a.go": "package a\nfunc init() {}"}, []string{"a.go:2: init() runs unasked: call it where it is needed"}},
		"a method named init":      {map[string]string{"a.go": "package a\ntype t int\nfunc (t) init() {}"}, nil},
		"a variable without value": {map[string]string{"a.go": "package a\nvar cache map[string]int"}, []string{"a.go:2: cache" + state}},
		"a mutex":                  {map[string]string{"a.go": "package a\nimport \"sync\"\nvar mu = &sync.Mutex{}"}, []string{"a.go:3: mu" + state}},
		"an atomic":                {map[string]string{"a.go": "package a\nimport \"sync/atomic\"\nvar n atomic.Pointer[int]"}, []string{"a.go:3: n" + state}},
		"a map that is made":       {map[string]string{"a.go": "package a\nvar m = make(map[string]int)"}, []string{"a.go:2: m" + state}},
		"tables and errors":        {map[string]string{"a.go": "package a\nimport \"errors\"\nvar t = map[string]int{\"a\": 1}\nvar ErrA = errors.New(\"a\")\nvar _ error = ErrA"}, nil},
		"an embedded file":         {map[string]string{"a.go": "package a\nimport _ \"embed\"\n//go:embed b\nvar b []byte"}, nil},
		"a table that is changed":  {map[string]string{"a.go": "package a\nvar t = map[string]int{}", "b.go": "package a\nfunc f() { t[\"a\"]++ }"}, []string{"b.go:2: t is a package-level variable and is changed here"}},
		"a local of that name":     {map[string]string{"a.go": "package a\nvar t = 1\nfunc f() { t := 2; t = 3; _ = t }"}, nil},
		"a test's variable":        {map[string]string{"a_test.go": "package a\nvar seen []int"}, nil},
		"a skip":                   {map[string]string{"a_test.go": "package a\nfunc TestA(t *T) { t.Skip() }"}, []string{"a_test.go:2: a test that is skipped is a test that nobody misses"}},
		"a large interface":        {map[string]string{"a.go": "package a\ntype i interface { a(); b(); c(); d(); e(); f() }"}, []string{"a.go:2: an interface of 6 methods: split it, or make abilities optional"}},
		"an interface of five":     {map[string]string{"a.go": "package a\ntype i interface { a(); b(); c(); d(); e() }"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := offences(c.files)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("offences (-want +got):\n%s", diff)
			}
		})
	}
}
