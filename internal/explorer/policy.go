package explorer

import (
	"net/http"
	"strings"
)

// policy is the Content-Security-Policy of the page. There is no inline script
// to allow. Inline style is allowed because the editors (CodeMirror) and the
// menus place themselves with it; a style can neither send the token away nor
// read it while images, fonts and connections are held to this server.
func policy(o Options, pins []pin, offline bool) string {
	scripts := []string{"'self'"}
	styles := []string{"'self'", "'unsafe-inline'"}

	if !offline {
		// The files themselves, not the host: anybody may publish there.
		for _, p := range pins {
			if strings.HasSuffix(p.File, ".css") {
				styles = append(styles, p.cdnURL())
			} else {
				scripts = append(scripts, p.cdnURL())
			}
		}
	}

	connect := []string{"'self'"}
	if origin, err := o.origin(); err == nil && origin != "" {
		connect = append(connect, origin)
	}

	return strings.Join([]string{
		"default-src 'none'",
		"script-src " + strings.Join(scripts, " "),
		"style-src " + strings.Join(styles, " "),
		"connect-src " + strings.Join(connect, " "),
		"img-src 'self' data:",
		"font-src data:", // GraphiQL's typefaces are part of its style sheet
		"base-uri 'none'",
		"form-action 'none'",
		"frame-ancestors 'none'",
	}, "; ")
}

// secured sets what every answer carries, the refusals included.
func secured(next http.Handler, csp string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", csp)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		next.ServeHTTP(w, r)
	})
}
