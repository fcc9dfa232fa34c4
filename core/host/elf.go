package host

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
)

// elfHeaderBytes is enough of an ELF file to see which machine it is for.
const elfHeaderBytes = 20

// inspectProgram checks that the file is a program for this machine, which the kernel would otherwise say in words
// that help nobody.
func inspectProgram(path, real string) error {
	const hint = "install the plugin's build for this machine"
	f, err := os.Open(real)
	if err != nil {
		return refuse(path, "it cannot be read: "+err.Error(), "check its permissions")
	}
	defer f.Close()
	head := make([]byte, elfHeaderBytes)
	n, err := io.ReadFull(f, head)
	head = head[:n]
	switch {
	case n == 0:
		return refuse(path, "it is empty", hint)
	case bytes.HasPrefix(head, []byte("#!")):
		return refuse(path, "it is a script; plugins are programs", "replace it by a plugin, or remove it")
	case err != nil || !bytes.HasPrefix(head, []byte(elf.ELFMAG)):
		return refuse(path, "it is not a program for Linux", hint)
	}
	var order binary.ByteOrder = binary.LittleEndian
	if elf.Data(head[elf.EI_DATA]) == elf.ELFDATA2MSB {
		order = binary.BigEndian
	}
	machine := elf.Machine(order.Uint16(head[18:20]))
	if want, known := machines()[runtime.GOARCH]; known && machine != want {
		return refuse(path, fmt.Sprintf("it is a program for %s, and this machine is %s", machineName(machine), runtime.GOARCH), hint)
	}
	return nil
}

// machines returns the ELF machine of each architecture that Incus runs on.
func machines() map[string]elf.Machine {
	return map[string]elf.Machine{
		"386": elf.EM_386, "amd64": elf.EM_X86_64, "arm": elf.EM_ARM, "arm64": elf.EM_AARCH64,
		"loong64": elf.EM_LOONGARCH, "ppc64le": elf.EM_PPC64, "riscv64": elf.EM_RISCV, "s390x": elf.EM_S390,
	}
}

// machineName returns the name that Go users know, or ELF's.
func machineName(m elf.Machine) string {
	for arch, machine := range machines() {
		if machine == m {
			return arch
		}
	}
	return strings.ToLower(strings.TrimPrefix(m.String(), "EM_"))
}
