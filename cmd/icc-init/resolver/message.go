package resolver

import (
	"bytes"
	"encoding/binary"
	"slices"
)

const (
	headerSize  = 12
	flagReply   = 0x80 // of the third byte
	maskOpcode  = 0x78
	flagRecurse = 0x80 // of the fourth byte: recursion is available
	maskCode    = 0x0f
)

// Response codes.
const (
	codeFormat         = 1
	codeFailed         = 2
	codeNotImplemented = 4
	codeRefused        = 5
)

// isQuestion says whether a packet can be passed on at all.
func isQuestion(m []byte) bool { return len(m) >= headerSize && m[2]&flagReply == 0 }

// withID returns the message under another transaction id.
func withID(m []byte, id uint16) []byte {
	out := bytes.Clone(m)
	binary.BigEndian.PutUint16(out, id)
	return out
}

func idOf(m []byte) uint16 { return binary.BigEndian.Uint16(m) }

// answers says whether a packet is the answer to the question. Servers may leave the question out.
func answers(reply, question []byte) bool {
	if len(reply) < headerSize || idOf(reply) != idOf(question) || reply[2]&flagReply == 0 || (reply[2]^question[2])&maskOpcode != 0 {
		return false
	}
	if binary.BigEndian.Uint16(reply[4:]) == 0 {
		return true
	}
	end := questionEnd(question)
	return end > 0 && end == questionEnd(reply) && bytes.EqualFold(reply[headerSize:end], question[headerSize:end])
}

// questionEnd returns where the question of a message ends; 0 when it cannot be read.
func questionEnd(m []byte) int {
	for at := headerSize; at < len(m); at += 1 + int(m[at]) {
		switch {
		case m[at] == 0 && at+5 <= len(m): // type and class follow
			return at + 5
		case m[at] == 0 || m[at] > 63:
			return 0
		}
	}
	return 0
}

// declined says that the answer is none: another server may know more.
func declined(reply []byte) bool {
	return slices.Contains([]byte{codeFailed, codeNotImplemented, codeRefused}, reply[3]&maskCode)
}

// failure is the answer that nobody has answered.
func failure(question []byte) []byte {
	end, code := questionEnd(question), byte(codeFailed)
	if end == 0 {
		end, code = headerSize, codeFormat
	}
	out := bytes.Clone(question[:end])
	out[2] |= flagReply
	out[3] = out[3]&^maskCode | flagRecurse | code
	clear(out[4:headerSize])
	if end > headerSize {
		out[5] = 1 // question
	}
	return out
}
