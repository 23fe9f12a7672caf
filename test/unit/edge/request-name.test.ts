import { expect, test } from "vitest";
import { nameOfRequest } from "../../../src/edge/request-name.ts";

test.each([
  ["GET", "https://example.com/orders/17?token=secret#part", "GET /orders/17"],
  ["POST", "http://[::1]:8080/", "POST /"],
  ["GET", "http://example.com", "GET /"],
  ["GET", "http://example.com?to=http://other/path", "GET /"],
  ["GET", "http://name:word@example.com//twice", "GET //twice"],
  ["OPTIONS", "*", "OPTIONS *"],
  ["GET", "/relative/a:b?c", "GET /relative/a:b"],
  ["GET", "", "GET /"],
])("%s %s", (method, url, name) => {
  expect(nameOfRequest({ method, url } as Request)).toBe(name);
});
