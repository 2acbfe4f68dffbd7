package cli

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/tillgraph/tillgraph/internal/seed"
)

var receiptsOfDay = regexp.MustCompile(`(\d+) receipts, (\d+) of them returns`)

func TestDemoDay(t *testing.T) {
	t.Parallel()
	s := serve(t, nil, append(anyPort(t.TempDir()), "--log-level", "warn")...)
	cashier := signIn(t, s, "cashier.westlands@savanna.example")
	before := s.query(t, cashier, "{ viewer { role stores { nodes { code } } } }", "")

	// Twice: it makes anew what it needs.
	checkDay(t, run(t, nil, "demo-day", "--url", s.base+endpointPath))
	args := []string{"demo-day", "--url", s.base + endpointPath, "--password", "not needed", "--company", "nor this"}
	for flag, who := range map[string]string{
		"owner": "owner", "manager": "manager.westlands", "cashier": "cashier.westlands", "second": "cashier2.westlands",
	} {
		args = append(args, "--"+flag, signIn(t, s, who+"@savanna.example"))
	}
	checkDay(t, run(t, nil, args...))
	if after := s.query(t, cashier, "{ viewer { role stores { nodes { code } } } }", ""); after != before {
		t.Errorf("after the day the cashier is %s, before %s", after, before)
	}
	checkDaysThatFail(t, s)
}

func checkDay(t *testing.T, r result) {
	t.Helper()
	r.want(t, exitOK, "Every figure is as it should be.", "RETURN_TOO_MUCH (1)", "is void", "to the safe",
		"STOCK_INSUFFICIENT (0)", "SAME_PERSON", "APPROVAL_REQUIRED", "Z report 1 of till T1", "Z report 1 of till K1",
		"CASH variance", "VAT A 16 %", "Excise duty X 10 %", "it stands beside Z report 1")
	match := receiptsOfDay.FindStringSubmatch(r.stdout)
	all, _ := strconv.Atoi(match[1])
	returns, _ := strconv.Atoi(match[2])
	if all-returns < 50 || returns < 5 {
		t.Errorf("the day has %s", match[0])
	}
	if strings.Contains(r.stdout, "!!") {
		t.Errorf("something differs:\n%s", r.stdout)
	}
}

// checkDaysThatFail has servers between that don't tell the truth, or not all of it.
func checkDaysThatFail(t *testing.T, s *running) {
	t.Helper()
	t.Run("a server that lies", func(t *testing.T) {
		lies := []struct{ asked, is, said string }{
			{"tillClose", `"voidCount":3`, `"voidCount":4`},
			{"hasNextPage endCursor", `"rounding":{"amount":"0.50"}`, `"rounding":{"amount":"0.51"}`},
			{"inventory", `"quantity":"0"`, `"quantity":"1"`},
			{"saleRecord", `"RETURN_TOO_MUCH"`, `"INVALID"`},
			{"loyaltyPoints", `"loyaltyPoints":`, `"loyaltyPoints":1`},
			{"saleCalculate", `"change":{"amount":"310.00"`, `"change":{"amount":"310.01"`},
		}
		url := between(t, s, func(request, answer string) string {
			for _, lie := range lies {
				if strings.Contains(request, lie.asked) {
					answer = strings.Replace(answer, lie.is, lie.said, 1)
				}
			}
			return answer
		})
		run(t, nil, "demo-day", "--url", url+endpointPath).want(t, exitError, "NOT as it should be",
			": voids\n", ": rounding\n", "Lantern: there is 1 of it",
			"!!     RETURN_TOO_MUCH: it was refused otherwise", "'s points: it is", "T1 08:05, calculated: the change is 310.01, not 310.00")
	})
	t.Run("a server that ends in the middle", func(t *testing.T) {
		url := between(t, s, func(request, answer string) string {
			if strings.Contains(request, "saleVoid") {
				return "gone"
			}
			return answer
		})
		run(t, nil, "demo-day", "--url", url+endpointPath).want(t, exitError, "no GraphQL")
		left := s.query(t, signIn(t, s, "owner@savanna.example"), "{ stores(first: 250) { nodes { status name } } }", "")
		if !strings.Contains(left, `"name":"Demo day`) || strings.Contains(left, `"status":"OPEN","name":"Demo day`) {
			t.Errorf("it left a shop open: %s", left)
		}
	})
	run(t, nil, "demo-day", "--url", s.base+endpointPath, "--password", "wrong").
		want(t, exitError, "INVALID_CREDENTIALS", "owner@savanna.example")
	run(t, nil, "demo-day", "--url", "http://127.0.0.1:1/graphql").want(t, exitError, "ask the server")
}

// between is a server that changes another one's answers.
func between(t *testing.T, s *running, lie func(request, answer string) string) string {
	t.Helper()
	target, err := url.Parse(s.base)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	var asked string
	proxy.ModifyResponse = func(r *http.Response) error {
		raw, err := io.ReadAll(r.Body)
		if err != nil {
			return err //nolint:wrapcheck // a test's
		}
		text := lie(asked, string(raw))
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader(text)), int64(len(text))
		r.Header.Set("Content-Length", strconv.Itoa(len(text)))
		return nil
	}
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, _ := io.ReadAll(r.Body)
		asked = string(raw) // one request at a time
		r.Body = io.NopCloser(bytes.NewReader(raw))
		r.Header.Del("Accept-Encoding")
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(front.Close)
	return front.URL
}

var accessToken = regexp.MustCompile(`"accessToken":"([^"]+)"`)

func signIn(t *testing.T, s *running, who string) string {
	t.Helper()
	answer := s.query(t, "", `mutation($in: LoginInput!) { login(input: $in) { tokens { accessToken } userErrors { code } } }`,
		`{"in": {"companySlug": "savanna", "email": "`+who+`", "password": "`+seed.Password+`"}}`)
	match := accessToken.FindStringSubmatch(answer)
	if match == nil {
		t.Fatalf("%s is not let in: %s", who, answer)
	}
	return match[1]
}
