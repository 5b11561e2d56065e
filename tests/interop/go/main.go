// A client in Go that knows nothing of any emulator: application default credentials by
// golang.org/x/oauth2/google, a GET with them, the answer's status and body on standard output.
//
//	judge [-bare] [-self-signed] URL SCOPE...
//
// -bare makes the call with a Transport that reads no proxy variables, as many programs do;
// -self-signed lets a service account's key sign the bearer token itself.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/google"
)

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

func main() {
	bare := flag.Bool("bare", false, "use a transport without a proxy")
	selfSigned := flag.Bool("self-signed", false, "let the key sign the bearer token")
	flag.Parse()
	ctx := context.Background()
	if *bare {
		plain := &http.Client{Transport: &http.Transport{}}
		ctx = context.WithValue(ctx, oauth2.HTTPClient, plain)
	}
	credentials, err := google.FindDefaultCredentials(ctx, flag.Args()[1:]...)
	if err != nil {
		fail(err)
	}
	tokens := credentials.TokenSource
	if *selfSigned {
		tokens, err = google.JWTAccessTokenSourceWithScope(credentials.JSON, flag.Args()[1:]...)
		if err != nil {
			fail(err)
		}
	}
	answer, err := oauth2.NewClient(ctx, tokens).Get(flag.Arg(0))
	if err != nil {
		fail(err)
	}
	defer answer.Body.Close()
	fmt.Println(answer.StatusCode)
	if _, err := io.Copy(os.Stdout, answer.Body); err != nil {
		fail(err)
	}
}
