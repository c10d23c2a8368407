-- wrk: one operation on customers, the one that OPERATION names; the same as data_api/<operation>.function.sql.
local rows = tonumber(os.getenv("ROWS"))
local operation = os.getenv("OPERATION")
local path = "/api/v1/dynamic-data/customer/records"
local headers = {
    ["Authorization"] = "Bearer " .. os.getenv("TOKEN"),
    ["Content-Type"] = "application/json",
}
local record = '{"name":"%s","email":"%s@example.org","city":"City %d","credit":12.50,"is_active":true,'
    .. '"joined_on":"2024-05-06","seen_at":"2024-05-06T07:08:09Z","note":"Made by the benchmark"}'
local orders = "%7B%22orders%22:%7B%22fields%22:%22id,number,total,status,ordered_on%22,%22sort%22:%22number%22%7D%7D"
local threads = 0
local made = 0

function setup(thread)
    threads = threads + 1
    thread:set("number", threads)
end

function init()
    math.randomseed(os.time() + number)
    run = string.format("w%d-%d-%d", os.time(), number, math.random(1, 1000000000))
end

local function get(query) return wrk.format("GET", path .. query, headers) end
local function post(to, body) return wrk.format("POST", path .. to, headers, body) end
local function page(query) return get(string.format("?filter[city]=City%%20%d&sort=name&page_size=25&count=none", math.random(0, 499)) .. query) end
local function new_email()
    made = made + 1
    return run .. "-" .. made
end
local function day(number) return os.date("!%Y-%m-%d", 1577836800 + 86400 * number) end

local requests = {
    get = function() return get(string.format("/00000000-0000-7000-8000-%d", 100000000000 + math.random(0, rows - 1))) end,
    page = function() return page("") end,
    nested = function() return page("&expand=" .. orders) end,
    count = function()
        local first = math.random(0, 1900)
        return get(string.format("?filter[joined_on][between]=%s,%s&sort=joined_on&page_size=25", day(first), day(first + 60)))
    end,
    search = function() return get(string.format("?search=c%d%%20exampel&page_size=25&count=none", math.random(0, 9999))) end,
    create = function() return post("", '{"data":' .. string.format(record, "New customer", new_email(), 7) .. "}") end,
    bulk = function()
        local records = {}
        for i = 1, 1000 do
            local name = string.format("Customer %08x%08x%08x%08x", math.random(0, 2147483647), i, made, number)
            records[i] = string.format(record, name, new_email(), i % 500)
        end
        return post("/bulk", '{"records":[' .. table.concat(records, ",") .. "]}")
    end,
    upsert = function()
        local n = math.random(0, rows - 1)
        return post("/upsert", string.format('{"data":{"name":"Customer %d","email":"c%d@example.org","city":"City %d","credit":%d}}', n, n, n % 500, n % 1000))
    end,
}

function request() return requests[operation]() end
