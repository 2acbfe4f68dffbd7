package postgres

import "sync"

// room is where a statement's text is built or rewritten, before and after other ones: a new one for each would be a good
// part of what a write allocates. Nothing may stand in it any more when it is given back.
type room struct{ text []byte }

const (
	usualRoom = 4 << 10
	// mostRoom is how much is kept for the next one.
	mostRoom = 64 << 10
)

var rooms = sync.Pool{New: func() any { return &room{make([]byte, 0, usualRoom)} }}

func newRoom() *room {
	r, _ := rooms.Get().(*room)
	r.text = r.text[:0]
	return r
}

func (r *room) giveBack() {
	if cap(r.text) <= mostRoom {
		rooms.Put(r)
	}
}
