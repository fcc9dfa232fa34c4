package compose

// ServiceNames returns the names of the enabled services, sorted.
func (p *Project) ServiceNames() []string { return p.serviceNames() }

// WithServices returns the project with the named services enabled, also those of inactive profiles. A name that is no
// service is an error that suggests what was meant.
func (p *Project) WithServices(names []string) (*Project, error) { return withNamed(p, names) }

// CheckServices refuses names that are no services of the project, enabled or not.
func (p *Project) CheckServices(names []string) error {
	_, err := withNamed(p, names)
	return err
}

// Subset returns the project with the named services and what they depend on alone.
func (p *Project) Subset(names []string) (*Project, error) {
	p, err := withNamed(p, names)
	if err != nil {
		return nil, err
	}
	selected, err := p.WithSelectedServices(names)
	if err != nil {
		return nil, configError(err.Error(), "")
	}
	sub := *p
	sub.Project = selected
	return &sub, nil
}
