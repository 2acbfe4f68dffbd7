package civil

import (
	"sync"
	"time"
)

// places are the zones that were asked for: package time reads its files anew for each.
var places sync.Map // of string to *time.Location

// Place is where a time zone's days begin: UTC where this machine doesn't know a zone, which was checked when it was set.
func Place(zone string) *time.Location {
	if known, ok := places.Load(zone); ok {
		return known.(*time.Location) //nolint:forcetypeassert // nothing else is put there
	}
	place, err := time.LoadLocation(zone)
	if err != nil {
		return time.UTC // and isn't kept: whatever text that was
	}
	places.Store(zone, place)
	return place
}
