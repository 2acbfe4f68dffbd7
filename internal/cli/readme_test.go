package cli

import (
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
)

var (
	// shownBlock is a fenced block of the README: its language and its text.
	shownBlock = regexp.MustCompile("(?ms)^```(\\w+)\n(.*?)^```$")
	// shownBody is what curl sends there, inline or from a here document.
	shownBody = regexp.MustCompile(`(?s)-d '(\{.*?\})'|<<JSON\n(.*?)\nJSON`)
	// placeholder stands there for an id of an answer before.
	placeholder = regexp.MustCompile(`"([A-Z]+)"`)
)

// checkReadme runs the requests of the README in their order, as those whom it names: those of the first query as the
// cashier, those for the explorer as the owner.
func checkReadme(t *testing.T, s *running, cashier, owner string) {
	t.Helper()
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	register := regexp.MustCompile(`reg_[0-9a-z]*`).FindString(s.query(t, cashier, "{ registers(first: 1) { nodes { id } } }", ""))
	known := map[string]string{}
	shell, graphql := 0, 0
	for _, block := range shownBlock.FindAllStringSubmatch(string(text), -1) {
		switch block[1] {
		case "sh":
			for _, body := range shownBody.FindAllStringSubmatch(block[2], -1) {
				shell++
				request := strings.NewReplacer("$REGISTER", register, `\$`, "$").Replace(body[1] + body[2])
				_, _, answer := exchange(t, http.MethodPost, s.base+endpointPath, cashier, request)
				works(t, request, answer)
			}
		case "graphql":
			graphql++
			request := placeholder.ReplaceAllStringFunc(block[2], func(name string) string {
				id, ok := known[strings.Trim(name, `"`)]
				if !ok {
					t.Fatalf("nothing says what %s is", name)
				}
				return `"` + id + `"`
			})
			answer := s.query(t, owner, request, "")
			works(t, request, answer)
			learn(known, answer)
		}
	}
	if shell < 3 || graphql < 10 {
		t.Errorf("the README has %d requests for a shell and %d for the explorer", shell, graphql)
	}
}

// nothingNoticed is what a server answers that nobody has attacked so far.
const nothingNoticed = `{"data":{"signals":{"nodes":[]}}}`

func works(t *testing.T, request, answer string) {
	t.Helper()
	if answer == nothingNoticed {
		return
	}
	if strings.Contains(answer, `"errors"`) || strings.Contains(answer, `"userErrors":[{`) ||
		strings.Contains(answer, `"nodes":[]`) || !strings.Contains(answer, `"data":{"`) {
		t.Errorf("%s\nof the README gets %s", request, answer)
	}
}

// learn finds the first id of each kind of object in an answer: a reg_... is what REGISTER stands for.
func learn(known map[string]string, answer string) {
	names := map[string]string{
		"reg": "REGISTER", "store": "STORE", "cust": "CUSTOMER", "sale": "SALE", "line": "LINE", "till": "SESSION",
		"prod": "PRODUCT",
	}
	for _, id := range regexp.MustCompile(`"([a-z]+)_[0-9a-z]+"`).FindAllString(answer, -1) {
		id = strings.Trim(id, `"`)
		kind, _, _ := strings.Cut(id, "_")
		if name := names[kind]; name != "" && known[name] == "" {
			known[name] = id
		}
	}
}
