/**
 * The guard of one script: a bash program that lets nothing of an attempt outlive the script, nor the node's right to run
 * it. It needs bash, /proc, and the everyday tools setsid, mkfifo, grep, sleep, rm and rmdir.
 *
 * Arguments: the attempt's mark; the heart's lease file; the task lease less the margin, in milliseconds; the moment of
 * the boot clock, in milliseconds, after which nothing may begin; the attempt's folder; its cgroup, or nothing; then the
 * script's command. The folder holds `environment`, the script's variables, each ended by U+0000, and `work`.
 *
 * Descriptor 3 carries lines to the node: `ready`, `started <group>`, `too late`, `no trust`, `killed <why>`,
 * `exit <code>`. Descriptor 4 is the lifeline: the node says `go` on it; its end means that the node is dead or wants the
 * end. Two processes share the work, so that neither has to poll the other: this one waits for the script, a watcher for
 * the lifeline and the clock. Only the watcher keeps the lifeline, so that its own death shows there.
 *
 * While a script runs nothing here forks: an idle guard waits and looks at two files every few seconds. The script's
 * output goes through FIFOs, since what Node calls a pipe is a socket, which `/dev/stdout` cannot be opened on.
 */
export const GUARD_PROGRAM = `
mark=$1 incarnation=\${1##*/} lease_file=$2 lease_ms=$3 start_before_ms=$4 folder=$5 cgroup=$6
shift 6
trap '' HUP INT QUIT TERM USR1 USR2 PIPE TSTP
deadline=0
# Waking costs more than looking. A timer stands still while the machine sleeps, so how late the end of the trust may be
# seen after that is a small part of the trust.
tick_ms=$((lease_ms / 60))
tick_ms=$((tick_ms < 1000 ? 1000 : tick_ms > 5000 ? 5000 : tick_ms))

# The boot clock goes on while the machine sleeps. Two digits follow its point.
look_at_clock() {
  local up
  read -r up _ </proc/uptime && now=$((10#\${up/./} * 10))
}

# Only a whole line of its own incarnation lengthens the trust. Another incarnation's, or a zero, ends it.
renew() {
  local at owner part=0
  IFS=' ' read -r at owner <"$lease_file" || return
  [[ $owner == "$incarnation" ]] || { deadline=0; return; }
  case $at in '' | .* | *.*.* | *[!0-9.]*) return ;; esac
  [[ $at == *.* ]] && part=\${at#*.}
  part=\${part}000
  at=$((10#\${at%%.*} * 1000 + 10#\${part:0:3}))
  ((at == 0)) && deadline=0 && return
  ((at = at < now ? at : now, at + lease_ms > deadline)) && deadline=$((at + lease_ms))
}

is_trusted() {
  look_at_clock || return
  renew
  ((now < deadline))
}

# A process in the middle of an exec shows no environment for a moment, so one clean look is not enough.
kill_all() {
  local clean=0 rounds=0 found
  while ((clean < 2 && rounds++ < 50)); do
    [[ $cgroup ]] && echo 1 >"$cgroup/cgroup.kill"
    [[ $group ]] && kill -9 -- "-$group" "$group" && sleep 0.005
    found=$(cd /proc && grep -lszxF -- "TAKO_ATTEMPT=$mark" [0-9]*/environ)
    clean=$((clean + 1))
    [[ $found ]] && clean=0 && kill -9 \${found//'/environ'/}
  done
}

# When nobody hears the end any more, nobody else removes what lies about.
clean_up() {
  local tries=0
  rm -rf -- "$folder"
  [[ $cgroup ]] || return
  until rmdir -- "$cgroup" || ((++tries > 20)); do sleep 0.05; done
}

# The script looks for itself whether it may begin, so this one waits before it judges.
watch() {
  local why=lease wait_ms=1000 part
  exec 6>&- 7>&- 8>&- 9<&-
  read -r group || exit
  is_trusted && ((deadline - now < wait_ms)) && wait_ms=$((deadline - now + 10))
  while :; do
    part=$((wait_ms % 1000 + 1000))
    read -r -t "$((wait_ms / 1000)).\${part:1}" -u 4 _
    (($? > 128)) || { why=lifeline; break; }
    is_trusted || break
    wait_ms=$((deadline - now < tick_ms ? deadline - now + 10 : tick_ms))
  done
  echo "killed $why" >&3
  kill_all
  kill -0 $$ || [[ $why == lease ]] || clean_up
}

# Becomes the script. The last look at the clock comes as late as it can.
begin() {
  local pair
  echo "$BASHPID" >&8
  echo "$BASHPID" >&5
  trap - HUP INT QUIT TERM USR1 USR2 PIPE TSTP
  [[ $cgroup ]] && echo 0 >"$cgroup/cgroup.procs"
  cd -- "$folder/work" || exit
  unset LC_ALL TAKO_GUARD OLDPWD SHLVL
  while IFS= read -r -d '' pair; do export "$pair"; done <"$folder/environment"
  is_trusted || { echo 'no trust' >&3; exit; }
  ((now < start_before_ms)) || { echo 'too late' >&3; exit; }
  echo "started $BASHPID" >&3
  exec setsid "$@" </dev/null >"$folder/output" 2>"$folder/errors" 3>&- 5>&- 6>&- 7>&- 8>&- 9<&-
}

# Whatever else the node was started with must not reach the script, nor be held open by anything here.
for fd in /proc/self/fd/*; do
  case \${fd##*/} in 0 | 1 | 2 | 3 | 4) continue ;; esac
  [[ $fd -ef $0 ]] || eval "exec \${fd##*/}>&-"
done
mkfifo -m 600 "$folder/output" "$folder/errors" || exit
exec 6<>"$folder/output" 7<>"$folder/errors" 8>"$folder/group" 9<"$folder/group" || exit
echo ready >&3
read -r word <&4 && [[ $word == go ]] || exit
exec 2>/dev/null 5> >(watch)
watcher=$!
exec 4<&-
(begin "$@")
code=$?
exec 5>&- 6>&- 7>&-
read -r group <&9
kill_all
echo "exit $code" >&3 || clean_up
kill -9 "$watcher"
`
