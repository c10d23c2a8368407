-- wrk: records at random, one after another on each connection.
local rows = tonumber(os.getenv("ROWS"))
local path = "/api/v1/dynamic-data/bench_item/records/00000000-0000-7000-8000-"
local headers = { ["Authorization"] = "Bearer " .. os.getenv("TOKEN") }
local threads = 0

function setup(thread)
    threads = threads + 1
    thread:set("number", threads)
end

function init()
    math.randomseed(os.time() + number)
end

function request()
    return wrk.format("GET", path .. string.format("%d", 100000000000 + math.random(0, rows - 1)), headers)
end
