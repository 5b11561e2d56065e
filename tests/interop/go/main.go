// A client in Go that knows nothing of any emulator: application default credentials by
// golang.org/x/oauth2/google, a GET with them, the answer's status and body on standard output.
//
//	judge [-bare] [-self-signed] [-sign-in FILE] URL SCOPE...
//
// -bare makes the call with a Transport that reads no proxy variables, as many programs do;
// -self-signed lets a service account's key sign the bearer token itself; -sign-in signs a person in
// with the client_secret.json, by the browser in BROWSER.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/google"
)

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// found returns the tokens of the default credentials.
func found(ctx context.Context, selfSigned bool, scopes []string) (oauth2.TokenSource, error) {
	credentials, err := google.FindDefaultCredentials(ctx, scopes...)
	if err != nil {
		return nil, err
	}
	if selfSigned {
		return google.JWTAccessTokenSourceWithScope(credentials.JSON, scopes...)
	}
	return credentials.TokenSource, nil
}

// signIn returns the tokens of a person who consents in the browser to the client of a file.
func signIn(ctx context.Context, file string, scopes []string) (oauth2.TokenSource, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	config, err := google.ConfigFromJSON(text, scopes...)
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	config.RedirectURL = "http://" + listener.Addr().String()
	codes := make(chan string, 1)
	go http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, "Thank you.")
		if code := r.FormValue("code"); code != "" {
			codes <- code
		}
	}))
	address := config.AuthCodeURL("state", oauth2.AccessTypeOffline)
	if err := exec.Command(os.Getenv("BROWSER"), address).Start(); err != nil {
		return nil, err
	}
	token, err := config.Exchange(ctx, <-codes)
	if err != nil {
		return nil, err
	}
	return config.TokenSource(ctx, token), nil
}

func main() {
	bare := flag.Bool("bare", false, "use a transport without a proxy")
	selfSigned := flag.Bool("self-signed", false, "let the key sign the bearer token")
	client := flag.String("sign-in", "", "sign in with this client_secret.json")
	flag.Parse()
	ctx := context.Background()
	if *bare {
		plain := &http.Client{Transport: &http.Transport{}}
		ctx = context.WithValue(ctx, oauth2.HTTPClient, plain)
	}
	var tokens oauth2.TokenSource
	var err error
	if *client != "" {
		tokens, err = signIn(ctx, *client, flag.Args()[1:])
	} else {
		tokens, err = found(ctx, *selfSigned, flag.Args()[1:])
	}
	if err != nil {
		fail(err)
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
