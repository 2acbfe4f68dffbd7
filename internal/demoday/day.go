package demoday

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// ErrDiffers says that the server's figures are not what they should be. What differs was printed.
var ErrDiffers = errors.New("the day's figures are not what they should be")

// Options say where the day is, and whose.
type Options struct {
	// URL is the server's GraphQL endpoint, and Company the slug to sign in to.
	URL, Company, Password string
	// Owner, Manager, MorningShift and LateShift are addresses to sign in with the password, or access tokens. The owner
	// sets the shop up; the manager may do what a cashier may not.
	Owner, Manager, MorningShift, LateShift string

	HTTP *http.Client
	Now  func() time.Time
	// Out gets the story.
	Out io.Writer
}

// day is a day in a shop, and the script's own books of it.
type day struct {
	Options

	server client
	// run names what is made anew for each day, number is where its numbers begin.
	run    string
	number int64
	// zoneName is a time zone in which it is evening, midnight the beginning of its day.
	zoneName string
	midnight time.Time

	owner, manager, morningShift, lateShift *person

	shops    []*shop
	goods    *goods
	taxes    map[string]string
	settings *settings
	restore  vars

	regular, hotel *customer
	// cards are what gift cards should be worth, by code.
	cards map[string]int64
	slips map[string]*slip

	sold, returned int
	wrong          []string
	// mute is why nothing can be printed.
	mute error
}

// Run runs a day, prints its story, and checks it.
//
// Errors: ErrDiffers where the server's figures are not the script's; what the server refused, or why it couldn't be
// asked, where the day could not go on.
func Run(ctx context.Context, o Options) (err error) {
	d := newDay(o)
	defer func() {
		// Also where the day was interrupted.
		tidy := context.WithoutCancel(ctx)
		if d.owner != nil {
			err = errors.Join(err, wrap("shut the shop", d.close(tidy)))
		}
	}()
	if err := d.begin(ctx); err != nil {
		return err
	}
	for _, s := range d.script() {
		if err := s.do(ctx); err != nil {
			return err
		}
	}
	if err := d.check(ctx); err != nil {
		return err
	}
	return d.verdict()
}

func wrap(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, err)
}

// evening is the hour that it is, in the shop, when the day is run.
const evening = 19

func newDay(o Options) *day {
	now := o.Now().UTC()
	offset := evening - now.Hour()
	if offset > 12 {
		offset -= 24
	}
	if offset < -12 {
		offset += 24
	}
	zone := time.FixedZone("", offset*int(time.Hour/time.Second))
	y, m, day := now.In(zone).Date()
	d := newBooks(o)
	d.number = now.UnixMilli()
	d.run = "D" + strings.ToUpper(strconv.FormatInt(d.number, 36))
	// The zones of this name count westwards.
	d.zoneName = fmt.Sprintf("Etc/GMT%+d", -offset)
	d.midnight = time.Date(y, m, day, 0, 0, 0, 0, zone)
	return d
}

func newBooks(o Options) *day {
	return &day{
		Options: o, server: client{http: o.HTTP, url: o.URL}, goods: newGoods(), taxes: map[string]string{},
		cards: map[string]int64{}, slips: map[string]*slip{},
	}
}

// time is a time of the story, such as 09:30.
func (d *day) time(at string) time.Time {
	var hours, minutes int
	if _, err := fmt.Sscanf(at, "%d:%d", &hours, &minutes); err != nil {
		panic("a time of the script is none: " + at)
	}
	return d.midnight.Add(time.Duration(hours)*time.Hour + time.Duration(minutes)*time.Minute)
}

func (d *day) begin(ctx context.Context) error {
	for _, one := range []struct {
		who string
		is  **person
	}{{d.Owner, &d.owner}, {d.Manager, &d.manager}, {d.MorningShift, &d.morningShift}, {d.LateShift, &d.lateShift}} {
		p, err := d.signIn(ctx, one.who)
		if err != nil {
			return err
		}
		*one.is = p
	}
	if err := d.needSettings(ctx); err != nil {
		return err
	}
	if err := d.open(ctx); err != nil {
		return err
	}
	d.line("%s, %s: %s and %s at the tills, %s manages.\n", d.shops[0].name, d.midnight.Format(time.DateOnly),
		d.morningShift.name, d.lateShift.name, d.manager.name)
	return nil
}

// verdict says how it went.
func (d *day) verdict() error {
	d.line("\n%d receipts, %d of them returns.", d.sold, d.returned)
	switch {
	case d.mute != nil:
		return fmt.Errorf("print the story: %w", d.mute)
	case len(d.wrong) > 0:
		d.line("NOT as it should be, in %d places:\n  %s", len(d.wrong), strings.Join(d.wrong, "\n  "))
		return ErrDiffers
	}
	d.line("Every figure is as it should be.")
	return nil
}
