(f=>{let q=s=>f.querySelector(s),s=q("#show"),b=q(".go"),t=b.textContent;
s.parentNode.hidden=0;
s.onchange=()=>f.passphrase.type=s.checked?"text":"password";
f.onsubmit=()=>{b.disabled=1;b.textContent=b.dataset.busy};
onpageshow=()=>{b.disabled=0;b.textContent=t};
{% if services.rescan and not sheet.other %}
let go=()=>fetch("/api/v1/networks").then(r=>r.json()).then(n=>{let e=q("[formaction]");
if(n.scanning){e.disabled=1;e.textContent=e.dataset.busy+` ${n.done}/${n.of}`;setTimeout(go,700)}
else fetch("{{ at("/", new="1") }}").then(r=>r.text()).then(h=>{let o=f.network.value,d=document.createElement("template");d.innerHTML=h;
q("fieldset").replaceWith(d.content.querySelector("fieldset"));
for(d of f.network)d.checked=d.value==o})}).catch(()=>setTimeout(go,2e3));
f.onclick=e=>{let g=e.target;if(g.matches("[formaction]")){e.preventDefault();fetch("/api/v1/scan",{method:"POST"}).then(r=>{if(r.ok)go();else f.onclick=0,g.click()})}}
{% if scan %};go(){% endif %}
{% endif %}
})(document.forms.setup)
