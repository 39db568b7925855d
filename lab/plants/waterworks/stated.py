"""What the waterworks states of itself: claims and countermeasures, some of which do not hold."""

from plantlab.topology import Deviation, Statement


def claim(id, subject, requirement, status, rationale, evidence=(), **more):
    """A claim."""
    keys = {"id": id, "subject": subject, "requirement": requirement, "status": status, "rationale": rationale, "evidence": list(evidence)}
    return Statement("claim", {**keys, "by": more.pop("by", "ot-security"), "date": more.pop("date", "2026-11-25" if evidence else "2026-06-18")}, **more)


def countermeasure(id, name, applies_to, switches=None, **keys):
    """A countermeasure in place."""
    return Statement("countermeasure", {"id": id, "name": name, "applies_to": applies_to, "state": "in-place", **keys}, **(switches or {}))


def statements():
    """Everything that is stated besides risk.toml."""
    sums = "The telegrams carry sums of their protocol and of Ethernet; the two cabinets are locked and their cables lie within the hall."
    return claims() + [
        claim("CL-INTEGRITY-A", "Z-CTL-A", "SR 3.1", "met", sums, ["E-CTA"]),
        countermeasure("M-VAULT", "Passwords of stations and servers are kept in the vault and changed on commissioning", ["Z-SUP", "Z-DMZ"],
                       description="The record of commissioning lists every default password that was changed.",
                       meets=["SR 1.4", "SR 1.7"], cost_per_year=900),
        countermeasure("M-BACKUP", "Weekly copies of projects and records, restored on trial twice a year", ["Z-SUP", "Z-CTL-A", "Z-CTL-B"],
                       meets=["SR 7.3", "SR 7.3 RE(1)", "SR 7.4"], cost_per_year=2400),
        countermeasure("M-BADGE", "Cabinets are locked, keys by name", ["Z-CTL-A"], compensates=["SR 1.1"],
                       rationale="The controllers know no users; whoever is at them was let in by name and is seen by the camera.",
                       approved_by="ot-security", review="2027-05-31", cost_per_year=400),
        *switched(),
    ]


def claims():
    """Claims that hold, and the one that does not."""
    return [
        claim("CL-CLOCKS", "Z-SUP", "SR 2.11", "met", "All stations and servers keep time by sup-srv; three of them were looked at.", ["E-SUP"]),
        claim("CL-NO-RADIO-A", "Z-CTL-A", "SR 2.2", "not-applicable", "Nothing in the treatment hall's cabinets has a radio; looked at in June."),
        claim("CL-NO-MOBILE-SIS", "Z-SIS", "SR 2.4", "not-applicable", "The safety controller runs one compiled program and loads no code by itself.",
              by="process-safety"),
        claim("CL-PEOPLE-DMZ", "Z-DMZ", "SR 1.1", "met", "Every person has an account of their own on the jump host; the list is reviewed each quarter.", ["E-DMZ"]),
        claim("CL-LOG-B", "Z-CTL-B", "SR 2.8", "not-met", "The pump controllers record no logins and changes."),
        claim("CL-POWER-B", "Z-CTL-B", "SR 7.5", "met", "Batteries for four hours and a diesel; both were tried in April without an alarm.", by="automation", date="2026-04-15"),
        # Holds in the clean plant; in the other one the telegrams say otherwise.
        claim("CL-PASSWORDS-B", "Z-CTL-B", "SR 1.5", "met", "The switch is administered by SSH only, so that no password passes in clear."),
    ]


def switched():
    """What does not hold, and what stands in its place in the clean plant."""
    review = lambda day: dict(compensates=["SR 1.2"], approved_by="automation", review=day, cost_per_year=600,
                              rationale="The pump controllers cannot tell programs apart; the pump house is walked every shift.")
    pump = ("M-WALK", "The pump house is walked every shift", ["Z-CTL-B"])
    lockout = ("M-LOCKOUT", "Accounts are locked after five wrong passwords")
    return [
        countermeasure(*pump, {"deviation": "walk-lapsed"}, **review("2026-08-31")),
        countermeasure(*pump, {"without": "walk-lapsed"}, **review("2027-08-31")),
        countermeasure(*lockout, ["hmi-1", "hmi-2"], {"deviation": "operators-locked-out"}, meets=["SR 1.11"], may_block=["supply", "treatment"]),
        countermeasure(*lockout, ["sup-srv"], {"without": "operators-locked-out"}, meets=["SR 1.11"]),
    ]


def misstatements():
    """What assessing must find."""
    return [
        Deviation("passwords-claimed", "The claim that no password of control B passes in clear.",
                  "The Telnet login to the switch shows one; the claim does not count until somebody resolves it.", {},
                  ["claim/contradicted claim CL-PASSWORDS-B warning"],
                  [("Z-CTL-B", "telnet.data contains \"west-pump-3\"", "the password in clear")], needs=("telnet-switch",)),
        Deviation("segments-claimed", "The record says that the firewall separates the zones and denies by default (M-SEGMENT).",
                  "Its leftover rules and the second leg of the maintenance workstation say otherwise.", {},
                  ["claim/contradicted countermeasure M-SEGMENT warning"],
                  needs=("supplier-program", "snmp-from-enterprise", "any-any", "internet-time", "safety-write", "dual-homed", "telnet-switch")),
        Deviation("jump-host-claimed", "The record says that the supplier comes over the jump host only (M-JUMP).",
                  "The laptop still uses the file transfer whose permit has ended.", {},
                  ["claim/contradicted countermeasure M-JUMP warning"],
                  [("Z-DMZ", "ssh && ip.src == {sup-lap} && ip.dst == {dmz-patch}", "SSH past the jump host")], needs=("expired-commissioning",)),
        Deviation("walk-lapsed", "The walk of the pump house stands in for what the controllers cannot do, and its review is overdue.",
                  "It was due on 2026-08-31.", {}, ["countermeasure/compensation-lapsed countermeasure M-WALK warning"]),
        Deviation("operators-locked-out", "Five wrong passwords lock the operator stations.",
                  "An operator who is locked out cannot act (62443-3-3 clause 4.2).", {},
                  ["countermeasure/blocks-essential-function countermeasure M-LOCKOUT warning"]),
    ]
