// Command till prints the newest sales that its token may see.
package main

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"os"

	"github.com/Khan/genqlient/graphql"
)

//go:generate go tool genqlient

// authorized adds the token to every request.
type authorized struct{ token string }

func (a authorized) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+a.token)
	return http.DefaultTransport.RoundTrip(r)
}

func main() {
	server := os.Getenv("TILLGRAPH")
	if server == "" {
		server = "http://127.0.0.1:8080"
	}
	client := graphql.NewClient(server+"/graphql", &http.Client{Transport: authorized{os.Getenv("TOKEN")}})
	day, err := Day(context.Background(), client, 3)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s has %d sales\n", day.Viewer.Company.Name, day.Sales.TotalCount)
	for _, sale := range day.Sales.Nodes {
		fmt.Printf("receipt %d: %s %s in %s\n", sale.ReceiptNumber, sale.Total.Amount, sale.Total.CurrencyCode, sale.Store.Name)
	}
}
