package auth

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/crypto/argon2"
)

// What a stored hash may ask for at most. It says itself how much memory to take
// and for how long, so a corrupt or planted one must not be believed. The
// memory is RFC 9106's second recommended choice and the default of most
// libraries, so that users brought along from elsewhere can still log in.
const (
	maxHashText       = 256
	maxArgonMemoryKiB = 64 * 1024
	maxArgonPasses    = 10
	maxArgonLanes     = 8
	minSaltBytes      = 8
	maxSaltBytes      = 64
	minSumBytes       = 16
	maxSumBytes       = 64
)

// argonCost is what one hash costs.
type argonCost struct {
	memoryKiB uint32
	passes    uint32
	lanes     uint8
}

func currentCost() argonCost {
	return argonCost{memoryKiB: argonMemoryKiB, passes: argonPasses, lanes: argonLanes}
}

// passwordHash is a PHC string, taken apart.
type passwordHash struct {
	cost argonCost
	salt []byte
	sum  []byte
}

// String is the PHC form: $argon2id$v=19$m=19456,t=2,p=1$salt$hash.
func (h passwordHash) String() string {
	enc := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version,
		h.cost.memoryKiB, h.cost.passes, h.cost.lanes, enc.EncodeToString(h.salt), enc.EncodeToString(h.sum))
}

// parseHash takes exactly what String writes, within the bounds: every text that
// it accepts is the only text of that hash. Its errors wrap [ErrHashInvalid] and
// never quote the hash.
func parseHash(text string) (passwordHash, error) {
	if len(text) > maxHashText {
		return passwordHash{}, badHash("is too long")
	}
	// Go's base64 skips line breaks even when it is strict.
	if strings.ContainsAny(text, "\r\n") {
		return passwordHash{}, badHash("holds a line break")
	}
	parts := strings.Split(text, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" {
		return passwordHash{}, badHash("is not in the form $argon2id$v=$m=,t=,p=$salt$hash")
	}
	if parts[2] != "v="+strconv.Itoa(argon2.Version) {
		return passwordHash{}, badHash("has an unknown version")
	}
	cost, err := parseCost(parts[3])
	if err != nil {
		return passwordHash{}, err
	}
	salt, err := decodeBetween(parts[4], minSaltBytes, maxSaltBytes)
	if err != nil {
		return passwordHash{}, err
	}
	sum, err := decodeBetween(parts[5], minSumBytes, maxSumBytes)
	if err != nil {
		return passwordHash{}, err
	}
	return passwordHash{cost: cost, salt: salt, sum: sum}, nil
}

func parseCost(text string) (argonCost, error) {
	parts := strings.Split(text, ",")
	if len(parts) != 3 {
		return argonCost{}, badHash("does not give m, t and p")
	}
	lanes, err := parseParameter(parts[2], "p=", 1, maxArgonLanes)
	if err != nil {
		return argonCost{}, err
	}
	passes, err := parseParameter(parts[1], "t=", 1, maxArgonPasses)
	if err != nil {
		return argonCost{}, err
	}
	// Argon2 needs eight blocks of 1 KiB for each lane.
	memory, err := parseParameter(parts[0], "m=", 8*lanes, maxArgonMemoryKiB)
	if err != nil {
		return argonCost{}, err
	}
	return argonCost{memoryKiB: memory, passes: passes, lanes: uint8(lanes)}, nil //nolint:gosec // at most maxArgonLanes
}

func parseParameter(text, prefix string, least, most uint32) (uint32, error) {
	digits, ok := strings.CutPrefix(text, prefix)
	if !ok || strings.HasPrefix(digits, "0") {
		return 0, badHash("has a malformed parameter " + prefix)
	}
	n, err := strconv.ParseUint(digits, 10, 32)
	if err != nil || n < uint64(least) || n > uint64(most) {
		return 0, badHash("has a parameter out of bounds: " + prefix)
	}
	return uint32(n), nil
}

func decodeBetween(text string, least, most int) ([]byte, error) {
	b, err := base64.RawStdEncoding.Strict().DecodeString(text)
	if err != nil {
		return nil, badHash("has a part that is not base64")
	}
	if len(b) < least || len(b) > most {
		return nil, badHash("has a salt or a sum of the wrong length")
	}
	return b, nil
}

func badHash(why string) error { return fmt.Errorf("%w: it %s", ErrHashInvalid, why) }
