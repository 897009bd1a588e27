-- What wrk sends. REQUESTS names a file of Lua that programs.mjs writes: {{method, path, headers, body (a file)}, ...},
-- sent one after the other, each thread from another one on. A % in a path becomes a number that is never the same
-- again. What was measured goes to standard output as one line.
local threads = 0

function setup(thread)
    thread:set("number", threads)
    threads = threads + 1
end

local prepared = {}
local count = 0

local function read(name)
    local file = assert(io.open(name, "rb"))
    local bytes = file:read("*a")
    file:close()
    return bytes
end

function init()
    for place, request in ipairs(dofile(os.getenv("REQUESTS"))) do
        request.bytes = request.body and read(request.body)
        if not request.path:find("%%") then
            request.text = wrk.format(request.method, request.path, request.headers, request.bytes)
        end
        prepared[place] = request
    end
    count = number * 7
end

function request()
    local wanted = prepared[count % #prepared + 1]
    count = count + 1
    if wanted.text then
        return wanted.text
    end
    local path = wanted.path:gsub("%%", string.format("%s-%d-%d", os.getenv("RUN"), number, count))
    return wrk.format(wanted.method, path, wanted.headers, wanted.bytes)
end

function done(summary, latency)
    local errors = summary.errors
    local failed = errors.connect + errors.write + errors.status + errors.timeout
    io.write(string.format(
        'RESULT {"requests": %d, "bytes": %d, "microseconds": %d, "failed": %d, "cut": %d, "median": %d, "p99": %d}\n',
        summary.requests, summary.bytes, summary.duration, failed, errors.read,
        latency:percentile(50), latency:percentile(99)))
end
