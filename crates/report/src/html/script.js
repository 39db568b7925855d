(function () {
  var findings = Array.prototype.slice.call(document.querySelectorAll("details.finding"));
  var bar = document.getElementById("filter");
  if (bar && findings.length > 1) {
    var input = bar.querySelector("input"), toggle = bar.querySelector("button"), said = bar.querySelector("output");
    bar.hidden = false;
    input.addEventListener("input", function () {
      var words = input.value.toLowerCase().split(/\s+/).filter(Boolean), shown = 0;
      findings.forEach(function (f) {
        var text = f.textContent.toLowerCase();
        f.hidden = !words.every(function (w) { return text.indexOf(w) >= 0; });
        if (!f.hidden) shown += 1;
      });
      said.textContent = words.length ? shown + " of " + findings.length + " shown" : "";
    });
    toggle.addEventListener("click", function () {
      var open = findings.some(function (f) { return !f.hidden && !f.open; });
      findings.forEach(function (f) { if (!f.hidden) f.open = open; });
    });
  }
  function reveal() {
    var target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target && target.tagName === "DETAILS") { target.open = true; target.scrollIntoView(); }
  }
  window.addEventListener("hashchange", reveal);
  reveal();
  window.addEventListener("beforeprint", function () {
    document.querySelectorAll("details:not(.appendix)").forEach(function (d) { d.open = true; });
  });
})();
