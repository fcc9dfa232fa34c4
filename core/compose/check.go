package compose

func check(p *Project) error { return nil }
