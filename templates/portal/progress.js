((id)=>{let seen=Date.now(),asked;
const one=(s,d=document)=>d.querySelector(s),
look=()=>{if(asked)return;asked=1;fetch(location.href,{signal:AbortSignal.timeout&&AbortSignal.timeout(5e3)}).then(r=>r.text()).then(t=>{
const d=new DOMParser().parseFromString(t,"text/html"),now=one("#now",d);
seen=Date.now();
if(!now)return location.reload();
for(const s of["main","#now"])if(one(s).innerHTML!=one(s,d).innerHTML)one(s).innerHTML=one(s,d).innerHTML;
document.title=d.title}).catch(()=>{}).then(()=>{asked=0;one("#lost").hidden=Date.now()-seen<8e3})};
setInterval(look,2e3);
if(window.EventSource)new EventSource("/api/v1/setup/"+id+"/events").onmessage=look
})("{{ life.id }}")
