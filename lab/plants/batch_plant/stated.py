"""What the batch plant states of itself: claims and countermeasures, some of which do not hold."""

from plantlab.topology import Deviation, Statement


def claim(id, subject, requirement, status, rationale, evidence=(), by="ot-security", date="2026-05-20"):
    """A claim; one that rests on evidence is of the day when that was taken."""
    return Statement("claim", {"id": id, "subject": subject, "requirement": requirement, "status": status, "rationale": rationale,
                               "evidence": list(evidence), "by": by, "date": "2026-11-25" if evidence else date})


def measure(id, name, applies_to, deviation="", without="", **keys):
    """A countermeasure in place."""
    return Statement("countermeasure", {"id": id, "name": name, "applies_to": applies_to, "state": "in-place", **keys}, deviation, without)


def statements():
    """Everything that is stated besides risk.toml."""
    cooling = ("M-FAIL-CLOSED", "The firewall closes when its log is full")
    seal = dict(compensates=["SR 2.1"], approved_by="process-safety", rationale="The key switch stands on RUN and is sealed; the seal is looked at every shift.")
    return [
        claim("CL-CLOCKS", "Z-SUP", "SR 2.11", "met", "All stations and servers keep time by sup-srv; four of them were looked at.", ["E-SUP"]),
        claim("CL-NO-RADIO-1", "Z-U1", "SR 2.2", "not-applicable", "Nothing in switch room 1 has a radio; looked at in May."),
        claim("CL-NO-MOBILE-SIS", "Z-SIS", "SR 2.4", "not-applicable", "The safety controller runs one compiled program and loads no code by itself.", by="process-safety"),
        claim("CL-LOG-2", "Z-U2", "SR 2.8", "not-met", "The distillation controller records neither logins nor changes."),
        claim("CL-POWER-1", "Z-U1", "SR 7.5", "met", "Batteries for two hours; tried in the turnaround of May.", by="automation"),
        # Holds in the clean plant; in the other one the captures say otherwise.
        claim("CL-PASSWORDS-U", "Z-UTL", "SR 1.5", "met", "The switches are supervised by SNMPv3 only, so that no password passes in clear."),
        measure("M-VAULT", "Passwords are kept in the vault and changed on commissioning", ["Z-SUP", "Z-DMZ"], meets=["SR 1.4", "SR 1.7"], cost_per_year=700),
        measure("M-BACKUP", "Weekly copies of recipes and projects, restored on trial twice a year", ["Z-SUP", "Z-U1", "Z-U2"],
                meets=["SR 7.3", "SR 7.3 RE(1)", "SR 7.4"], cost_per_year=3100),
        measure("M-ROOM-1", "Switch room 1 is locked, keys by name", ["Z-U1"], compensates=["SR 1.1"], approved_by="ot-security", review="2027-05-31",
                rationale="The controller knows no users; whoever is at it was let in by name and is seen by the camera."),
        measure("M-SEAL", "Sealed key switch on the safety controller", ["Z-SIS"], deviation="seal-lapsed", review="2026-09-30", **seal),
        measure("M-SEAL", "Sealed key switch on the safety controller", ["Z-SIS"], without="seal-lapsed", review="2027-09-30", **seal),
        measure(*cooling, ["C-U1-UTL"], deviation="cooling-blocked", meets=["SR 5.2 RE(3)"], may_block=["cooling"]),
        measure(*cooling, ["C-ENT-DMZ"], without="cooling-blocked", meets=["SR 5.2 RE(3)"]),
    ]


def misstatements():
    """What assessing must find."""
    return [
        Deviation("passwords-claimed", "The claim that no password of the utilities passes in clear.",
                  "The chiller gateway's page is asked for with one; the claim does not count until somebody resolves it.", {},
                  ["claim/contradicted claim CL-PASSWORDS-U warning"],
                  [("Z-UTL", "http.authbasic && ip.dst == {ut-gw}", "name and password in clear")], needs=("chiller-page",)),
        Deviation("segments-claimed", "The record says that the firewall separates the zones and denies by default (M-SEGMENT).",
                  "Its leftover rules and the second leg of the quality workstation say otherwise.", {},
                  ["claim/contradicted countermeasure M-SEGMENT warning"],
                  needs=("safety-written", "any-any", "chiller-page", "internet-names", "dual-homed", "stranger")),
        Deviation("jump-host-claimed", "The record says that the supplier comes over the jump host only (M-JUMP).",
                  "The laptop still uses the file transfer whose permit has ended.", {},
                  ["claim/contradicted countermeasure M-JUMP warning"],
                  [("Z-DMZ", "ssh && ip.src == {sup-lap} && ip.dst == {dmz-files}", "SSH past the jump host")], needs=("expired-commissioning",)),
        Deviation("seal-lapsed", "The seal on the key switch stands in for authorization at the safety controller, and its review is overdue.",
                  "It was due on 2026-09-30.", {}, ["countermeasure/compensation-lapsed countermeasure M-SEAL warning"]),
        Deviation("cooling-blocked", "The firewall shall close between reactor and cooling water when its log is full.",
                  "The reactor then asks for cooling in vain (62443-3-3 clause 4.2).", {},
                  ["countermeasure/blocks-essential-function countermeasure M-FAIL-CLOSED warning"]),
    ]
