package compose

func (t *translator) cover() {}
