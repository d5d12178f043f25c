// The bench's own protocol on an ESP32 with the Arduino core: ask, flash, report.
// Flash it once by cable; from then on the bench gives it every next firmware by Wi-Fi.
#include <HTTPClient.h>
#include <HTTPUpdate.h>
#include <WiFi.h>

const char *NETWORK = "Vestibule-4F2A", *PASSPHRASE = "…";  // from the bench's own label
const char *BENCH = "http://100.64.64.1";
const char *PRODUCT = "lamp", *VERSION = "1.0";

// The text of one value in a small JSON object whose texts hold no quotes: the bench's do not.
String value(const String &told, const char *name) {
  String key = String("\"") + name + "\":";
  int from = told.indexOf(key);
  if (from < 0) return "";
  from += key.length();
  if (told[from] == '"') return told.substring(from + 1, told.indexOf('"', from + 1));
  int end = from;
  while (end < (int)told.length() && told[end] != ',' && told[end] != '}') end++;
  return told.substring(from, end);
}

String identity() { return "mac=" + WiFi.macAddress(); }

void report(const String &attempt, const char *step, bool ok, const String &words) {
  HTTPClient http;
  http.begin(String(BENCH) + "/bench/v1/report");
  http.addHeader("Content-Type", "application/json");
  http.POST("{\"mac\":\"" + WiFi.macAddress() + "\",\"attempt\":" + attempt + ",\"step\":\"" + step +
            "\",\"ok\":" + (ok ? "true" : "false") + ",\"fw\":\"" + VERSION + "\",\"log\":\"" + words + "\"}");
  http.end();
}

void setup() {
  Serial.begin(115200);
  WiFi.begin(NETWORK, PASSPHRASE);
  while (WiFi.status() != WL_CONNECTED) delay(100);
}

void loop() {
  HTTPClient http;
  http.begin(String(BENCH) + "/bench/v1/me?" + identity() + "&hw=" + PRODUCT + "&fw=" + VERSION +
             "&free=" + ESP.getFreeSketchSpace() + "&flash=" + ESP.getFlashChipSize());
  String told = http.GET() > 0 ? http.getString() : "";
  http.end();
  String todo = value(told, "do"), attempt = value(told, "attempt");
  if (told.indexOf("\"code\"") >= 0) Serial.println("claim code " + value(told, "code"));
  if (todo == "flash") {
    NetworkClient client;
    httpUpdate.rebootOnUpdate(false);
    if (httpUpdate.update(client, value(told, "url")) == HTTP_UPDATE_OK) {
      report(attempt, "rebooting", true, "flashed");
      ESP.restart();
    }
    report(attempt, "installing", false, httpUpdate.getLastErrorString());
  } else if (todo == "configure") {
    http.begin(value(told, "url"));
    if (http.GET() == 200) Serial.println(http.getString());  // keep it: Preferences, NVS, a file
    http.end();
    report("null", "configured", true, "configured");
  }
  delay(1000 * max(1L, value(told, "sleep").toInt()));
}
