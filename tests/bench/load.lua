-- What wrk sends, by environment: METHOD, BODY (a file), TYPE, COOKIE, KEY, HOST; NUMBERED: each request has a path of
-- its own. What it measured goes to standard output as one line.
wrk.method = os.getenv("METHOD") or "GET"
wrk.headers["Host"] = os.getenv("HOST")
wrk.headers["Content-Type"] = os.getenv("TYPE")
wrk.headers["Cookie"] = os.getenv("COOKIE")
if os.getenv("KEY") then
    wrk.headers["Authorization"] = "Bearer " .. os.getenv("KEY")
end
if os.getenv("BODY") then
    local file = assert(io.open(os.getenv("BODY"), "rb"))
    wrk.body = file:read("*a")
    file:close()
end

local count = 0

if os.getenv("NUMBERED") then
    function request()
        count = count + 1
        return wrk.format(nil, wrk.path .. os.time() .. "-" .. count)
    end
end

function done(summary, latency)
    local errors = summary.errors
    local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
    io.write(string.format('RESULT {"requests": %d, "bytes": %d, "microseconds": %d, "failed": %d, "median": %d}\n',
        summary.requests, summary.bytes, summary.duration, failed, latency:percentile(50)))
end
