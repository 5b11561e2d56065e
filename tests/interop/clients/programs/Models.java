// The JDK's own clients: the models by an API key.
//
//     java Models.java URLConnection|HttpClient KEY
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;

final class Models {
    private static final URI MODELS =
            URI.create("https://generativelanguage.googleapis.com/v1beta/models");

    public static void main(String[] words) throws IOException, InterruptedException {
        System.out.println(words[0].equals("HttpClient") ? modern(words[1]) : classic(words[1]));
    }

    private static String classic(String key) throws IOException {
        var connection = (HttpURLConnection) MODELS.toURL().openConnection();
        connection.setRequestProperty("x-goog-api-key", key);
        try (var body = connection.getInputStream()) {
            return new String(body.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static String modern(String key) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(MODELS).header("x-goog-api-key", key).build();
        return HttpClient.newHttpClient()
                .send(request, HttpResponse.BodyHandlers.ofString())
                .body();
    }
}
