-- wrk: new records, each with a code of its own.
local headers = {
    ["Authorization"] = "Bearer " .. os.getenv("TOKEN"),
    ["Content-Type"] = "application/json",
}
local body = '{"data":{"name":"New item","code":"W-%d-%d-%d","quantity":17,"price":12.50,"is_active":true,'
    .. '"made_on":"2024-05-06","seen_at":"2024-05-06T07:08:09Z","note":"Made by the benchmark"}}'
local threads = 0
local started = os.time()
local made = 0

function setup(thread)
    threads = threads + 1
    thread:set("number", threads)
end

function request()
    made = made + 1
    return wrk.format("POST", "/api/v1/dynamic-data/bench_item/records", headers, string.format(body, started, number, made))
end
