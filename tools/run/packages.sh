# shellcheck shell=bash
# Debian packages: only what is missing, without starting or creating anything.

PACKAGES_RUN=(
    apache2-bin apache2-dev libaprutil1-dbd-pgsql
    libpq-dev libcurl4-openssl-dev libssl-dev libsodium-dev libjson-c-dev libglib2.0-dev zlib1g-dev
    libpango1.0-dev libqrencode-dev # the pick-up slip
    gcc make pkg-config
    openssl curl ca-certificates jq
    pango1.0-tools fonts-dejavu-core # the sample reports; the font of the slip
)
PACKAGES_CHECK=(
    clang clang-format clang-tidy cppcheck shellcheck
    libcmocka-dev libclang-rt-dev python3-stdnum python3-aiosmtpd
    chromium                 # drives the pages
    poppler-utils zbar-tools # read the slip back
    unzip libarchive-tools   # and the export, whole and as a stream
    wrk                      # measures
    kannel kannel-extras     # an SMS gateway, and its fake SMS centre
    prometheus               # its promtool reads the metrics
    pgbouncer                # between httpd and PostgreSQL
)

as_root()
{
    if ((EUID == 0)); then
        "$@"
    else
        sudo "$@"
    fi
}

postgres_newest()
{
    local folder newest=

    for folder in /usr/lib/postgresql/*/bin; do
        [[ -x $folder/initdb && -x $folder/postgres ]] || continue
        [[ -n $newest && $(basename "${folder%/bin}") -lt $(basename "${newest%/bin}") ]] ||
            newest=$folder
    done
    [[ -n $newest ]] && printf '%s\n' "$newest"
}

node_fits()
{
    local version

    version=$(node --version 2>/dev/null) || return 1
    version=${version#v}
    ((${version%%.*} >= 18)) && command -v npm >/dev/null
}

packages_missing()
{
    local name
    declare -A installed=()

    while read -r name; do
        installed[$name]=yes
    done < <(dpkg-query -W -f='${db:Status-Status} ${Package}\n' "$@" 2>/dev/null |
        sed -n 's/^installed //p')
    for name in "$@"; do
        [[ -n ${installed[$name]:-} ]] || printf '%s\n' "$name"
    done
}

# In a subshell, so that its traps undo what it does to the system whatever happens.
packages_install()
(
    hold=/usr/sbin/policy-rc.d
    no_cluster=/etc/postgresql-common/createcluster.d/mantova-dossier.conf
    undo=()
    log=$(mktemp)

    # shellcheck disable=SC2317 # the trap calls it
    put_back()
    {
        ((${#undo[@]} == 0)) || as_root rm -f "${undo[@]}"
        as_root rmdir --ignore-fail-on-non-empty /etc/postgresql-common/createcluster.d \
            /etc/postgresql-common 2>/dev/null || true
        rm -f "$log"
    }
    trap put_back EXIT
    trap 'exit 130' INT TERM HUP

    if [[ ! -e $hold ]]; then # installing a server must not start it
        undo+=("$hold")
        printf '#!/bin/sh\nexit 101\n' | as_root tee "$hold" >/dev/null
        as_root chmod 755 "$hold"
    fi
    if [[ ! -e $no_cluster ]]; then # nor create a database cluster nobody asked for
        undo+=("$no_cluster")
        as_root mkdir -p "${no_cluster%/*}"
        printf 'create_main_cluster = false\n' | as_root tee "$no_cluster" >/dev/null
    fi
    apt=(env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300)
    # OpenSSL too, whole: mod_ssl warns at each start of a library older than the one it was built with
    as_root "${apt[@]}" update >"$log" 2>&1 &&
        as_root "${apt[@]}" install -y --no-install-recommends "$@" libssl3 libssl-dev openssl >>"$log" 2>&1 && exit 0
    tail -n 30 "$log" >&2
    fail "apt-get could not install: $* (README.md, \"What must be reachable\")"
)

# packages_need run|check
packages_need()
{
    local wanted=("${PACKAGES_RUN[@]}") missing

    postgres_newest >/dev/null || wanted+=(postgresql)
    node_fits || wanted+=(nodejs npm) # the look of the pages comes from its npm package
    [[ $1 != check ]] || wanted+=("${PACKAGES_CHECK[@]}")
    command -v dpkg-query >/dev/null || {
        say "No Debian here: these must be installed by hand: ${wanted[*]}"
        return
    }
    mapfile -t missing < <(packages_missing "${wanted[@]}")
    ((${#missing[@]})) || return 0
    if ((EUID != 0)) && ! command -v sudo >/dev/null; then
        fail "these packages are missing, and there is no sudo. As root: apt-get update && apt-get install ${missing[*]}"
    fi
    say "Installing: ${missing[*]}"
    packages_install "${missing[@]}"
}
