package compose

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/icc-project/icc/sdk/kinds"
	"github.com/icc-project/icc/sdk/naming"
	"github.com/icc-project/icc/sdk/resource"
)

// TranslateOptions says what of a project is wanted.
type TranslateOptions struct {
	// Services are the wanted services; none means all. What they depend on comes along unless NoDeps is set.
	Services []string
	NoDeps   bool
	// Scale overrides the number of replicas by service.
	Scale map[string]int
	// Existing are the numbers of the replicas that the server has, by service. They decide how replicas are numbered; see
	// Numbers.
	Existing map[string][]int
	// Aside are the active services that the run is not about; see Project.Aside.
	Aside map[string]bool
	// IncusProject is an existing Incus project to work in; empty means one of the project's own.
	IncusProject string
	// NATDefault publishes ports in the kernel unless a service says otherwise.
	NATDefault bool
	// Surge asks for that many instances that stand in for a service's replicas while those are updated one after the
	// other, by service; see Rolling.
	Surge map[string]int
	// AllResources declares networks and volumes that no service uses, too.
	AllResources bool
	// OneOff asks for one more instance of a service, for `run`.
	OneOff *OneOff
	// RemoteServer says that the server is another machine, so that host paths cannot be checked here.
	RemoteServer bool
}

// Translation is a project as resources.
type Translation struct {
	Name string
	// Declarations are in a fixed order: project, profiles, images, networks, volumes, instances, others.
	Declarations []resource.Declaration
	// Diagnostics are findings in the order of the services; an error among them keeps a run from starting.
	Diagnostics []resource.Diagnostic
	Files       []string
	WorkingDir  string
	// Services are the wanted services and what they depend on, dependencies first.
	Services []string
	// Numbers are those of the replicas of every active service.
	Numbers map[string][]int
	// IncusProject is the Incus project to work in. Shared says that it exists already and others may work in it, too.
	IncusProject string
	Shared       bool
	// Builder is the builder that the compose file asks for.
	Builder string
	// Unattached are the services whose logs a foreground `up` leaves out (attach: false).
	Unattached []string
	// Rolling are the services whose replicas are updated one after the other.
	Rolling []Rolling
	// OneOff is the instance that TranslateOptions.OneOff asked for.
	OneOff *DeclaredOneOff
	aside  map[string]bool
}

// Err returns the errors among the diagnostics as one error, or nil.
func (t *Translation) Err() error { return diagnosticsError(t.Diagnostics) }

// translator is one translation in progress.
type translator struct {
	p        *Project
	o        TranslateOptions
	scope    naming.Scope
	services []string
	depth    map[string]int
	top      extension
	out      *Translation
	images   *imageSet
	files    *fileSet
	volumes  map[string]bool
	decls    map[resource.Kind][]resource.Declaration
	others   []resource.Declaration
	// wanted are the services, as a set.
	wanted map[string]bool
	// claims are the host ports published so far.
	claims []claim
	// subnets are those that networks were given so far.
	subnets []subnet
	// reported are the diagnostics so far, by place and text.
	reported map[string]bool
	// links, variants and lengths are what linkAliases, imageVariants and item have found.
	links    map[string][]link
	variants map[string]map[string]bool
	lengths  map[string]int
	// nat are the ports that instances publish in the kernel, which their networks have to let in.
	nat map[string][]kinds.Port
	// extras are the attachments of instances beside the replicas, by network.
	extras map[string][]kinds.Attachment
}

// Translate turns a loaded project into declarations. It is pure but for reading the files of secrets and configs and
// looking whether bind mounts' sources are there. Mistakes in arguments are returned as an error, findings in the
// compose files as diagnostics.
func Translate(p *Project, o TranslateOptions) (*Translation, error) {
	if !p.hasServices() {
		return nil, configError("a project that was loaded without interpolation cannot be translated", "load it with interpolation")
	}
	selected, err := selectServices(p, o)
	if err != nil {
		return nil, err
	}
	t := &translator{
		p: selected.project, o: o, services: selected.services, depth: selected.depth,
		images: newImageSet(), files: newFileSet(), volumes: map[string]bool{}, reported: map[string]bool{}, wanted: map[string]bool{},
		lengths: map[string]int{}, nat: map[string][]kinds.Port{}, extras: map[string][]kinds.Attachment{},
		decls: map[resource.Kind][]resource.Declaration{},
		out: &Translation{
			Name: p.Name, Files: p.Files, WorkingDir: p.WorkingDir, Services: selected.services,
			Diagnostics: slices.Clone(p.Warnings), Numbers: map[string][]int{}, aside: o.Aside,
		},
	}
	for _, name := range t.services {
		t.wanted[name] = true
	}
	for _, name := range t.p.serviceNames() {
		t.out.Numbers[name] = t.numbers(t.p.Services[name])
	}
	if err := t.project(); err != nil {
		return nil, err
	}
	t.cover()
	for _, name := range t.services {
		t.service(name)
	}
	if o.OneOff != nil {
		if err := t.oneOff(*o.OneOff); err != nil {
			return nil, err
		}
	}
	t.declareImages()
	t.declareNetworks()
	t.declareVolumes()
	t.declareFiles()
	slices.SortFunc(t.decls[resource.KindStorageVolume], func(a, b resource.Declaration) int {
		return strings.Compare(a.Name, b.Name)
	})
	t.checkPorts()
	t.finish()
	return t.out, nil
}

// finish puts the declarations in order.
func (t *translator) finish() {
	for _, kind := range []resource.Kind{
		resource.KindProject, resource.KindProfile, resource.KindImage, resource.KindNetwork,
		resource.KindStorageVolume, resource.KindInstance,
	} {
		t.out.Declarations = append(t.out.Declarations, t.decls[kind]...)
	}
	t.out.Declarations = append(t.out.Declarations, t.others...)
}

// declare adds a resource that needs the project besides the given edges.
func (t *translator) declare(ref resource.Ref, config any, path string, edges ...resource.Edge) {
	raw, err := json.Marshal(config)
	if err != nil {
		t.fail(path, fmt.Sprintf("the configuration cannot be encoded: %v", err), "")
		return
	}
	if ref.Kind != resource.KindProject {
		edges = append([]resource.Edge{ensured(resource.KindProject, t.p.Name)}, edges...)
	}
	t.decls[ref.Kind] = append(t.decls[ref.Kind], resource.Declaration{
		Ref: ref, Config: raw, DependsOn: edges, Position: t.p.Locate(path),
	})
}

// item is the path of entry i of a list of n. The number is left out when the list as it is written has another length:
// ranges of ports are taken apart, and the lists of several files put together.
func (t *translator) item(list string, i, n int) string {
	written, ok := t.lengths[list]
	if !ok {
		written = t.p.index.length(list)
		t.lengths[list] = written
	}
	if written != n {
		return list
	}
	return fmt.Sprintf("%s[%d]", list, i)
}

func ensured(kind resource.Kind, name string) resource.Edge {
	return resource.Edge{To: resource.Ref{Kind: kind, Name: name}, Condition: resource.ConditionEnsured}
}

// report adds a diagnostic for an attribute.
func (t *translator) report(s resource.Severity, path, text, hint string) {
	if key := path + "\n" + text; t.reported[key] {
		return // said already, of another replica
	} else {
		t.reported[key] = true
	}
	t.out.Diagnostics = append(t.out.Diagnostics, resource.Diagnostic{
		Severity: s, Position: t.p.Locate(path), Text: text, Hint: hint,
	})
}

func (t *translator) fail(path, text, hint string) {
	t.report(resource.SeverityError, path, text, hint)
}
func (t *translator) warn(path, text, hint string) {
	t.report(resource.SeverityWarning, path, text, hint)
}
func (t *translator) info(path, text, hint string) { t.report(resource.SeverityInfo, path, text, hint) }

// project declares the Incus project, its profiles and the resources of third parties.
func (t *translator) project() error {
	t.top = t.extension(t.p.Extensions, "", topKeys)
	config := kinds.ProjectConfig{
		IncusProject: t.o.IncusProject, Config: t.top.config, Files: t.p.Files, WorkingDir: t.p.WorkingDir,
	}
	if config.IncusProject == "" {
		config.IncusProject = t.top.text("incus_project")
	}
	config.External = config.IncusProject != ""
	t.scope = naming.Scope{Project: t.p.Name, Shared: config.External}
	if !config.External {
		name, err := t.scope.IncusProject()
		if err != nil {
			return fmt.Errorf("naming the Incus project: %w", err)
		}
		config.IncusProject = name
	} else if len(config.Config) > 0 {
		t.warn("x-incus", fmt.Sprintf("the Incus project %q exists already and is not changed: x-incus has no effect",
			config.IncusProject), "configure it with incus project set, or remove x-incus")
		config.Config = nil
	}
	t.out.IncusProject, t.out.Shared = config.IncusProject, config.External
	t.out.Builder = t.top.text("builder")
	t.declare(resource.Ref{Kind: resource.KindProject, Name: t.p.Name}, config, "name")
	t.declareProfiles()
	t.declareOthers()
	return nil
}

// service translates one service and everything that only it uses.
func (t *translator) service(name string) {
	s := t.p.Services[name]
	if s.Provider != nil {
		return // refused by the coverage table
	}
	if s.Attach != nil && !*s.Attach {
		t.out.Unattached = append(t.out.Unattached, name)
	}
	ext := t.extension(s.Extensions, servicePath(name), serviceKeys)
	base := t.instanceBase(s, ext)
	base.Image = t.images.use(t, s, base.Type)
	steps := t.preStart(s)
	for _, n := range t.numbers(s) {
		t.instance(s, base, ext, n, steps)
	}
	t.rolling(s, base, ext, steps)
}

// replicas is how many instances of a service are wanted.
func (t *translator) replicas(s types.ServiceConfig) int {
	if n, ok := t.o.Scale[s.Name]; ok {
		return n
	}
	return s.GetScale()
}

// incusName is the server's name of an instance.
func (t *translator) incusName(s types.ServiceConfig, n int) string {
	if s.ContainerName != "" {
		if name, err := t.scope.ContainerName(s.ContainerName); err == nil {
			return name
		}
	}
	return t.scope.Instance(s.Name, n)
}

// instanceName is the declared name of an instance.
func instanceName(service string, n int) string { return fmt.Sprintf("%s-%d", service, n) }

func servicePath(name string) string { return "services." + name }
