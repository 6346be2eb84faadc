// Reads by the standard library: `reads.go [ADDRESS]`.
package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
)

func main() {
	address := "https://data.city.gov/resource/4tka-6guv.json?$select=earthquake_id&$limit=1"
	if len(os.Args) > 1 {
		address = os.Args[1]
	}
	answer, err := http.Get(address)
	if err != nil {
		fmt.Println("net/http failed:", err)
		os.Exit(1)
	}
	defer answer.Body.Close()
	body, _ := io.ReadAll(answer.Body)
	fmt.Println("net/http", string(body))
}
