(f=>{let q=s=>f.querySelector(s),s=q("#show"),b=q(".go"),t=b.textContent;
s.parentNode.hidden=0;
s.onchange=()=>f.passphrase.type=s.checked?"text":"password";
f.onsubmit=()=>{b.disabled=1;b.textContent=b.dataset.busy};
onpageshow=()=>{b.disabled=0;b.textContent=t};
{% if services.rescan and not sheet.other %}
let g=document.forms.scan,look=()=>fetch("/api/v1/networks").then(r=>r.json()).then(n=>{let e=q("[form]");
if(n.scanning){e.disabled=1;e.textContent=e.dataset.busy+` ${n.done}/${n.of}`;setTimeout(look,700)}
else fetch("{{ at("/", new="1") }}").then(r=>r.text()).then(h=>{let o=f.network.value,d=new DOMParser;
q("fieldset").outerHTML=d.parseFromString(h,"text/html").querySelector("fieldset").outerHTML;
for(d of f.network)d.checked=d.value==o})}).catch(()=>setTimeout(look,2e3));
g.onsubmit=e=>{e.preventDefault();fetch("/api/v1/scan",{method:"POST"}).then(r=>r.ok?look():g.submit())}
{% if scan %};look(){% endif %}
{% endif %}
})(document.forms.setup)
