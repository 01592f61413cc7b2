#!/usr/bin/env python3
"""An allocator in Python: whatever is free on an agent goes to the next framework in turn."""
import json, select, sys, time

agents = {}      # id -> {"host": name, "free": [resource], "active": bool}
frameworks = {}  # id -> {"roles": [role], "suppressed": {role}, "active": bool}, the next one first
refused = {}     # (framework, agent) -> until when
state = {"interval": 1.0, "paused": False, "whitelist": None}

def say(message):
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()

def subtract(total, used):
    """Of scalars what is left; ranges and sets only while nobody has any of them."""
    left = []
    for resource in total:
        same = [u for u in used if u["name"] == resource["name"]]
        if resource["type"] == "SCALAR":
            value = resource["scalar"]["value"] - sum(u["scalar"]["value"] for u in same)
            if value > 0: left.append({**resource, "scalar": {"value": value}})
        elif not same: left.append(resource)
    return left

def fits(resource, role):
    reservations = resource.get("reservations", [])
    return not reservations or reservations[-1]["role"] == role

def allocate():
    if state["paused"]: return
    for agent_id, agent in agents.items():
        if not agent["active"] or not agent["free"]: continue
        if state["whitelist"] is not None and agent["host"] not in state["whitelist"]: continue
        for framework_id, framework in list(frameworks.items()):
            roles = [r for r in framework["roles"] if r not in framework["suppressed"]]
            if not roles or not framework["active"]: continue
            if refused.get((framework_id, agent_id), 0) > time.time(): continue
            offered = [r for r in agent["free"] if fits(r, roles[0])]
            if not offered: continue
            agent["free"] = [r for r in agent["free"] if not fits(r, roles[0])]
            allocated = [{**r, "allocation_info": {"role": roles[0]}} for r in offered]
            say({"method": "offer", "args": {
                "framework": framework_id, "resources": {roles[0]: {agent_id: allocated}}}})
            frameworks[framework_id] = frameworks.pop(framework_id)  # to the end of the queue
            break

def free(agent, resources):
    if agent in agents:
        agents[agent]["free"] += [{k: v for k, v in r.items() if k != "allocation_info"} for r in resources]

def serve(method, a):
    if method == "describe":
        return {"protocol": 1, "kind": "Allocator", "name": "org_example_RoundRobin",
                "description": "Offers free agents in turn"}
    if method == "initialize": state["interval"] = a["options"]["allocation_interval_ms"] / 1000
    elif method in ("addFramework", "updateFramework"):
        known = frameworks.get(a["framework"], {"active": a.get("active", True)})
        info = a["info"]
        frameworks[a["framework"]] = {**known, "roles": info.get("roles") or [info.get("role", "*")],
                                      "suppressed": set(a["options"]["suppressed_roles"])}
        for agent, used in a.get("used", {}).items():
            if agent in agents: agents[agent]["free"] = subtract(agents[agent]["free"], used)
    elif method == "removeFramework": frameworks.pop(a["framework"], None)
    elif method == "activateFramework": frameworks[a["framework"]]["active"] = True
    elif method == "deactivateFramework": frameworks[a["framework"]]["active"] = False
    elif method == "addAgent":
        used = [r for resources in a["used"].values() for r in resources]
        agents[a["agent"]] = {"host": a["info"]["hostname"], "active": True,
                              "free": subtract(a["total"], used)}
    elif method == "removeAgent": agents.pop(a["agent"], None)
    elif method == "activateAgent": agents[a["agent"]]["active"] = True
    elif method == "deactivateAgent": agents[a["agent"]]["active"] = False
    elif method == "updateWhitelist": state["whitelist"] = a.get("hostnames")
    elif method == "recoverResources":
        seconds = (a.get("filters") or {}).get("refuse_seconds", 0)
        refused[a["framework"], a["agent"]] = time.time() + seconds
        free(a["agent"], a["resources"])
    elif method == "suppressOffers":
        known = frameworks[a["framework"]]
        known["suppressed"] |= set(a["roles"] or known["roles"])
    elif method == "reviveOffers":
        known = frameworks[a["framework"]]
        known["suppressed"] -= set(a["roles"] or known["roles"])
        for key in [k for k in refused if k[0] == a["framework"]]: del refused[key]
    elif method == "updateAvailable":
        return {"ok": False, "error": "This allocator converts nothing for operators"}
    elif method == "inverseOfferStatuses" or method == "metrics": return {}
    elif method in ("pause", "resume"): state["paused"] = method == "pause"
    elif method == "shutdown": sys.exit(0)
    return {} if method == "create" else None

def main():
    rest, due = b"", time.time()
    while True:
        if select.select([sys.stdin], [], [], max(0, due - time.time()))[0]:
            chunk = sys.stdin.buffer.read1(1 << 20)
            if not chunk: return
            *lines, rest = (rest + chunk).split(b"\n")
            for message in map(json.loads, filter(None, lines)):
                if "method" not in message: continue
                try: answer = {"result": serve(message["method"], message.get("args") or {})}
                except Exception as error: answer = {"error": repr(error)}
                if "id" in message: say({"id": message["id"], **answer})
        if time.time() >= due:
            allocate()
            due = time.time() + state["interval"]

main()
