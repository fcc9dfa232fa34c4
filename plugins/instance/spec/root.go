package spec

// DeviceRoot is the name of the root disk device.
const DeviceRoot = "root"

// root writes the root disk, unless profiles bring one: the profiles of a project of icc's own are empty.
func (t *translation) root() error {
	if t.Host.Pool == "" {
		return nil
	}
	dev := map[string]string{"type": "disk", "path": "/", "pool": t.Host.Pool}
	if size := t.Config.Limits.RootSize; size > 0 {
		dev["size"] = byteSize(size)
	}
	t.out.Devices[DeviceRoot] = dev
	return nil
}
